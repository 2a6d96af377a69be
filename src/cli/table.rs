//! A table of texts, with columns as wide as they need to be. Reads nothing, changes nothing.

/// A table in the making.
pub struct Table {
    rows: Vec<Row>,
}

enum Row {
    Cells(Vec<String>),
    Below(String),
}

impl Table {
    /// A table with these titles.
    pub fn new(titles: &[&str]) -> Self {
        Self { rows: vec![Row::Cells(titles.iter().map(|title| title.to_uppercase()).collect())] }
    }

    /// Adds a row.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        self.rows.push(Row::Cells(cells.into_iter().map(str::to_owned).collect()));
    }

    /// Adds a line that belongs to the row above, and takes no part in its columns.
    pub fn below(&mut self, text: &str) {
        self.rows.push(Row::Below(text.to_owned()));
    }

    /// The table as text. A column that is empty in every row is left out.
    pub fn finish(self) -> String {
        let width = |column: usize| {
            let cells = self.rows.iter().skip(1).filter_map(|row| match row {
                Row::Cells(cells) => cells.get(column),
                Row::Below(_) => None,
            });
            let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
            let title = match self.rows.first() {
                Some(Row::Cells(titles)) => titles.get(column).map_or(0, |title| title.chars().count()),
                Some(Row::Below(_)) | None => 0,
            };
            if widest == 0 { 0 } else { widest.max(title) }
        };
        let columns = match self.rows.first() {
            Some(Row::Cells(titles)) => titles.len(),
            Some(Row::Below(_)) | None => 0,
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |row: &Row| match row {
            Row::Below(text) => format!("    {text}\n"),
            Row::Cells(cells) => {
                let shown = cells.iter().zip(&widths).filter(|(_, width)| **width > 0);
                let padded: Vec<String> = shown.map(|(cell, width)| format!("{cell:width$}")).collect();
                format!("  {}\n", padded.join("  ").trim_end())
            }
        };
        self.rows.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Table;
    use pretty_assertions::assert_eq;

    #[test]
    fn columns_are_as_wide_as_they_need_to_be_and_empty_ones_are_left_out() {
        let mut table = Table::new(&["service", "ports", "health"]);
        table.row(["db", "", "healthy"]);
        table.row(["database", "", "ä"]);
        table.below("a long line of its own");
        assert_eq!(
            table.finish(),
            "  SERVICE   HEALTH\n  db        healthy\n  database  ä\n    a long line of its own\n"
        );
    }
}
