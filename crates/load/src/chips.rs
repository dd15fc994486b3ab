//! Whose chips: a numbered series, so that who enrols and who touches need not tell each other.

/// A series of chips.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Chips {
    /// Two hexadecimal digits that all of them begin with.
    #[arg(long)]
    pub(crate) series: String,
    /// How many there are.
    #[arg(long)]
    pub(crate) count: usize,
}

impl Chips {
    /// The number of the chip at a place; places past the end begin anew.
    pub(crate) fn number(&self, place: usize) -> String {
        format!("{}{:08X}", self.series, place % self.count.max(1))
    }
}
