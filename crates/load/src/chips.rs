//! A numbered series of chips: the enrolment and the touches derive the same numbers independently.

/// A series of chips.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Chips {
    /// Two hexadecimal digits with which every number begins.
    #[arg(long)]
    pub(crate) series: String,
    /// How many there are.
    #[arg(long)]
    pub(crate) count: usize,
}

impl Chips {
    /// Returns the number of the chip at a position; positions past the end start again.
    pub(crate) fn number(&self, place: usize) -> String {
        format!("{}{:08X}", self.series, place % self.count.max(1))
    }
}
