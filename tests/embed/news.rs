//! News: what is told, and what becomes of it when nobody reads.

use crate::nos::{Hardware, PATIENCE, Pair, host, key, lines, until};
use mlagsync::node::io::Event;
use mlagsync::session::io::DownReason;
use mlagsync::{Feed, News, Subscription};
use std::sync::mpsc;

fn wait_for(news: &Subscription, wanted: impl Fn(&Event) -> bool) -> Event {
    let mut seen = Vec::new();
    loop {
        match news.next_within(PATIENCE) {
            Some(News::Event(event)) if wanted(&event) => return event,
            Some(other) => seen.push(other),
            None => panic!("it was not told, but {seen:?}"),
        }
    }
}

#[test]
fn a_session_comes_up_gets_ready_goes_and_a_probe_is_asked_for() {
    let pair = Pair::new();
    let (left, right) = pair.start_unconfigured();
    let news = right.news(1000);
    left.configure(&lines(3, 4), false).unwrap();
    right.configure(&lines(4, 3), false).unwrap();
    wait_for(&news, |event| matches!(event, Event::SessionUp { .. }));
    left.local_complete().unwrap();
    right.local_complete().unwrap();
    // Which of the two is ready first is nobody's promise.
    let ready = |event: &Event| matches!(event, Event::SelfReady { .. } | Event::PeerReady { .. });
    let (first, second) = (wait_for(&news, ready), wait_for(&news, ready));
    assert_ne!(std::mem::discriminant(&first), std::mem::discriminant(&second), "{first:?} {second:?}");
    left.learned(&[host(1, 0)], Feed::Try).unwrap();
    until("it is there", || pair.right.1.sim.neighbor_count() == 1);
    right.unbind(key(1).interface).unwrap();
    wait_for(&news, |event| *event == Event::Released { interface: key(1).interface });
    left.stop(PATIENCE);
    let down = wait_for(&news, |event| matches!(event, Event::SessionDown { .. }));
    assert!(!matches!(down, Event::SessionDown { reason: DownReason::NotConfigured }), "{down:?}");
    right.stop(PATIENCE);
    while let Some(more) = news.wait() {
        assert!(!matches!(more, News::Overflow { .. }), "there was room");
    }
    assert_eq!(right.news(10).wait(), None, "whoever comes after the end is told of it");
}

#[test]
fn what_nobody_reads_is_counted_and_told_in_its_place() {
    let hardware = Hardware::new();
    let nos = hardware.start();
    let (all, narrow) = (nos.news(100_000), nos.news(2));
    // Each of both commits is at least one event.
    for _ in 0..5 {
        nos.configure(&lines(3, 4), false).unwrap();
        nos.configure("undo dfs-group 1", false).unwrap();
    }
    nos.stop(PATIENCE);
    let read = |news: &Subscription| std::iter::from_fn(|| news.wait()).collect::<Vec<News>>();
    let (all, narrow) = (read(&all), read(&narrow));
    assert!(all.len() > 4, "{all:?}");
    let Some(News::Overflow { lost }) = narrow.last() else { panic!("{narrow:?}") };
    assert_eq!(narrow[..narrow.len() - 1], all[..2], "the first are kept");
    assert_eq!(*lost as usize, all.len() - 2, "and all others counted");
}

#[test]
fn a_callback_that_takes_its_time_holds_up_nobody() {
    let hardware = Hardware::new();
    let (go_on, wait) = mpsc::channel::<()>();
    let (told, heard) = mpsc::channel();
    let builder = hardware.builder().on_news(move |news| {
        told.send(news.clone()).unwrap();
        let _ = wait.recv();
    });
    let nos = builder.start().unwrap();
    nos.bind(hardware.binding()).unwrap();
    nos.configure(&lines(3, 4), false).unwrap();
    heard.recv_timeout(PATIENCE).expect("the callback is called");
    nos.learned(&[host(1, 0)], Feed::Try).unwrap();
    until("it is programmed meanwhile", || hardware.sim.neighbor_count() == 1);
    let left = nos.stop(std::time::Duration::from_millis(300)).left;
    assert_eq!(left, ["mlag-events"], "who is waited for is named");
    drop(go_on);
    assert!(nos.stop(PATIENCE).left.is_empty());
}
