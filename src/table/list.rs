//! A doubly linked list through elements of a slice: no allocation per element, removal from anywhere in O(1).
//!
//! Holds heads and links. Does not own the elements, and does not know which lists an element is in: the owner does.
//! Invariant: an element is in at most one list per link.

use std::marker::PhantomData;

/// No element.
pub(crate) const NIL: u32 = u32::MAX;

/// An element's neighbours in one list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    prev: u32,
    next: u32,
}

impl Default for Link {
    fn default() -> Self {
        Link { prev: NIL, next: NIL }
    }
}

/// An element that has a link for lists of the kind `L`.
pub(crate) trait Linked<L> {
    /// The link.
    fn link(&self) -> &Link;
    /// The link, to be rewritten by [`List`] alone.
    fn link_mut(&mut self) -> &mut Link;
}

/// One list.
#[derive(Debug)]
pub(crate) struct List<L> {
    head: u32,
    tail: u32,
    len: u32,
    kind: PhantomData<fn() -> L>,
}

impl<L> Default for List<L> {
    fn default() -> Self {
        List { head: NIL, tail: NIL, len: 0, kind: PhantomData }
    }
}

impl<L> List<L> {
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    /// The first element, or [`NIL`].
    pub(crate) fn head(&self) -> u32 {
        self.head
    }

    /// The last element, or [`NIL`].
    pub(crate) fn tail(&self) -> u32 {
        self.tail
    }

    /// The element before `at`, or [`NIL`].
    pub(crate) fn prev<T: Linked<L>>(items: &[T], at: u32) -> u32 {
        items[at as usize].link().prev
    }

    /// The element behind `at`, or [`NIL`].
    pub(crate) fn next<T: Linked<L>>(items: &[T], at: u32) -> u32 {
        items[at as usize].link().next
    }

    pub(crate) fn push_back<T: Linked<L>>(&mut self, items: &mut [T], at: u32) {
        *items[at as usize].link_mut() = Link { prev: self.tail, next: NIL };
        match self.tail {
            NIL => self.head = at,
            tail => items[tail as usize].link_mut().next = at,
        }
        self.tail = at;
        self.len += 1;
    }

    pub(crate) fn push_front<T: Linked<L>>(&mut self, items: &mut [T], at: u32) {
        *items[at as usize].link_mut() = Link { prev: NIL, next: self.head };
        match self.head {
            NIL => self.tail = at,
            head => items[head as usize].link_mut().prev = at,
        }
        self.head = at;
        self.len += 1;
    }

    pub(crate) fn remove<T: Linked<L>>(&mut self, items: &mut [T], at: u32) {
        let Link { prev, next } = std::mem::take(items[at as usize].link_mut());
        match prev {
            NIL => self.head = next,
            prev => items[prev as usize].link_mut().next = next,
        }
        match next {
            NIL => self.tail = prev,
            next => items[next as usize].link_mut().prev = prev,
        }
        self.len -= 1;
    }

    pub(crate) fn pop_front<T: Linked<L>>(&mut self, items: &mut [T]) -> Option<u32> {
        let at = self.head;
        (at != NIL).then(|| {
            self.remove(items, at);
            at
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    enum Kind {}
    #[derive(Default)]
    struct Item(Link);
    impl Linked<Kind> for Item {
        fn link(&self) -> &Link {
            &self.0
        }
        fn link_mut(&mut self) -> &mut Link {
            &mut self.0
        }
    }

    #[test]
    fn elements_leave_from_the_middle_and_the_order_stays() {
        let mut items: Vec<Item> = (0..5).map(|_| Item::default()).collect();
        let mut list = List::<Kind>::default();
        for at in 0..5 {
            list.push_back(&mut items, at);
        }
        list.remove(&mut items, 2);
        list.remove(&mut items, 0);
        list.remove(&mut items, 4);
        list.push_back(&mut items, 2);
        let mut left = Vec::new();
        while let Some(at) = list.pop_front(&mut items) {
            left.push(at);
        }
        assert_eq!(left, [1, 3, 2]);
        assert!(list.is_empty() && list.head() == NIL);
    }
}
