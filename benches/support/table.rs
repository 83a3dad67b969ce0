//! What a run of benchmarks says in the end, ready for the README.

/// A table in Markdown.
pub(crate) struct Table {
    columns: usize,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these heads.
    pub(crate) fn new<const N: usize>(heads: [&str; N]) -> Self {
        Self {
            columns: N,
            rows: vec![heads.map(str::to_owned).to_vec()],
        }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Prints it to stdout.
    pub(crate) fn print(&self) {
        println!();
        for (number, row) in self.rows.iter().enumerate() {
            println!("| {} |", row.join(" | "));
            if number == 0 {
                println!("|---{}|", "|--:".repeat(self.columns - 1));
            }
        }
    }
}

/// The middle one.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
