//! Pages: how long lists are read, a piece at a time, by cursor.
//!
//! Always true: a page holds at most [`PageRequest::MAX`] items; a cursor is the sort key of the last item seen and
//! nothing else, so it stays good while rows come and go.

/// The request for one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    first: u32,
    after: Option<String>,
}

/// The page cannot be read as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// `first` is out of bounds.
    #[error("must be between 1 and {max}", max = PageRequest::MAX)]
    First,
    /// `after` is not a cursor of this list.
    #[error("is not a cursor of this list")]
    Cursor,
}

impl PageError {
    /// The argument that is wrong.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Cursor => "after",
        }
    }
}

impl PageRequest {
    /// The most items one page may hold.
    pub const MAX: u32 = 100;
    const DEFAULT: u32 = 20;

    /// Checks what a client asked for; nothing means the first 20.
    ///
    /// # Errors
    /// `first` below 1 or above [`Self::MAX`].
    pub fn new(first: Option<i32>, after: Option<String>) -> Result<Self, PageError> {
        let first = match first {
            None => Self::DEFAULT,
            Some(first) => u32::try_from(first).map_err(|_negative| PageError::First)?,
        };
        if !(1..=Self::MAX).contains(&first) {
            return Err(PageError::First);
        }
        Ok(Self { first, after })
    }

    /// How many items to read.
    pub fn first(&self) -> u32 {
        self.first
    }

    /// The sort key after which to start.
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// How many rows to fetch: one more than wanted, to know whether there are more.
    pub fn fetch(&self) -> u64 {
        u64::from(self.first) + 1
    }

    /// Makes a page of the fetched rows, dropping the extra one.
    pub fn page<T>(&self, mut rows: Vec<T>) -> Page<T> {
        let first = usize::try_from(self.first).unwrap_or(usize::MAX);
        let has_next = rows.len() > first;
        rows.truncate(first);
        Page { items: rows, has_next }
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Whether more follow.
    pub has_next: bool,
}
