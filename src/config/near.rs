//! Names near to a mistyped one, for the "did you mean" of an error.

/// At most `limit` of `names` that are near to `text`, the nearest first, then in the order of `names`.
///
/// Near means: one is the other's beginning, or no more than a third of the letters differ; a beginning counts as two slips at
/// most. Case does not count.
pub(super) fn nearest<'a>(text: &str, names: impl Iterator<Item = &'a str>, limit: usize) -> Vec<&'a str> {
    let text: Vec<u8> = text.bytes().take(64).map(|b| b.to_ascii_uppercase()).collect();
    let mut found: Vec<(usize, &str)> = names
        .filter_map(|name| {
            let upper: Vec<u8> = name.bytes().map(|b| b.to_ascii_uppercase()).collect();
            let begins = !text.is_empty() && (upper.starts_with(&text) || text.starts_with(&upper));
            let slips = edit_distance(&text, &upper);
            (begins || slips * 3 <= upper.len()).then_some((if begins { slips.min(2) } else { slips }, name))
        })
        .collect();
    found.sort_by_key(|&(distance, _)| distance);
    found.into_iter().take(limit).map(|(_, name)| name).collect()
}

/// Insertions, deletions and replacements that turn `a` into `b`.
fn edit_distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_each_kind_of_slip_once() {
        let cases = [
            ("", "", 0),
            ("AB", "AB", 0),
            ("AB", "A", 1),
            ("A", "AB", 1),
            ("AB", "AC", 1),
            ("KITTEN", "SITTING", 3),
        ];
        for (a, b, expected) in cases {
            assert_eq!(edit_distance(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
        }
    }

    #[test]
    fn the_nearest_comes_first_and_strangers_do_not_come() {
        let names = ["CE6866", "CE6866K", "CE8855", "generic"];
        assert_eq!(nearest("ce6866k", names.into_iter(), 3), ["CE6866K", "CE6866"]);
        assert_eq!(nearest("CE6866-48S8CQ-P", names.into_iter(), 3), ["CE6866"]);
        assert_eq!(nearest("xyz", names.into_iter(), 3), [""; 0]);
        assert_eq!(nearest("", names.into_iter(), 3), [""; 0]);
    }
}
