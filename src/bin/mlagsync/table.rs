//! Plain text tables: aligned columns, no frames, so that they read well and cut well.

use std::io::{self, Write};

/// Rows of cells below a head. Columns of numbers stand to the right.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    right: Vec<bool>,
}

impl Table {
    /// A table with these columns; one whose name begins with `>` stands to the right.
    pub(crate) fn new(columns: &[&str]) -> Table {
        let right = columns.iter().map(|name| name.starts_with('>')).collect();
        let head = columns.iter().map(|name| name.trim_start_matches('>').to_owned()).collect();
        Table { rows: vec![head], right }
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Prints it.
    pub(crate) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let width = |column: usize| {
            self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
        };
        let widths: Vec<usize> = (0..self.right.len()).map(|column| width(column).unwrap_or(0)).collect();
        for row in &self.rows {
            let cells =
                row.iter().zip(&widths).zip(&self.right).map(|((cell, &width), &right)| match right {
                    true => format!("{cell:>width$}"),
                    false => format!("{cell:width$}"),
                });
            let line = cells.collect::<Vec<_>>().join("  ");
            writeln!(out, "{}", line.trim_end())?;
        }
        out.flush()
    }
}

/// Names and values, one a line.
#[derive(Debug, Default)]
pub(crate) struct Facts(Vec<(String, String)>);

impl Facts {
    /// Adds a line.
    pub(crate) fn add(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Prints them.
    pub(crate) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let width = self.0.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, value) in &self.0 {
            writeln!(out, "{name:width$}  {value}")?;
        }
        out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_to_the_right_and_no_line_ends_in_blanks() {
        let mut table = Table::new(&["what", ">count", "note"]);
        table.add(["a", "1", ""]);
        table.add(["long name", "1000", "x"]);
        let mut text = Vec::new();
        table.print(&mut text).expect("a vector takes everything");
        let expected = "what       count  note\na              1\nlong name   1000  x\n";
        assert_eq!(String::from_utf8(text).expect("text"), expected);
    }

    #[test]
    fn facts_are_aligned() {
        let mut facts = Facts::default();
        facts.add("a", "1");
        facts.add("abc", "2");
        let mut text = Vec::new();
        facts.print(&mut text).expect("a vector takes everything");
        assert_eq!(String::from_utf8(text).expect("text"), "a    1\nabc  2\n");
    }
}
