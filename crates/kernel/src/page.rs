//! Pages: long lists are read in pieces, by cursor, forward or backward.
//!
//! Always true: a page holds at most [`PageRequest::MAX`] items, in the order of the list, in either direction of
//! reading; a cursor is the sort key of a seen item and nothing else, so it stays valid while rows come and go.

/// The request for one page.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageRequest {
    count: u32,
    cursor: Option<String>,
    backward: bool,
}

/// The client's four arguments of a list (GraphQL Cursor Connections Specification).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageArguments {
    /// The number of items, forward.
    pub first: Option<i32>,
    /// The cursor after which to start.
    pub after: Option<String>,
    /// The number of items, backward.
    pub last: Option<i32>,
    /// The cursor before which to end.
    pub before: Option<String>,
}

/// The arguments do not describe a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// `first` is out of bounds.
    #[error("must be between 1 and {max}", max = PageRequest::MAX)]
    First,
    /// `last` is out of bounds.
    #[error("must be between 1 and {max}", max = PageRequest::MAX)]
    Last,
    /// `after` is not a cursor of this list.
    #[error("is not a cursor of this list")]
    Cursor,
    /// `before` is not a cursor of this list.
    #[error("is not a cursor of this list")]
    Before,
    /// The arguments mix both directions.
    #[error("must not be given with {other}")]
    BothWays {
        /// The argument of backward paging.
        field: &'static str,
        /// The argument of forward paging.
        other: &'static str,
    },
}

impl PageError {
    /// Returns the name of the invalid argument.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
            Self::Cursor => "after",
            Self::Before => "before",
            Self::BothWays { field, .. } => field,
        }
    }
}

impl PageRequest {
    /// The largest number of items of a page.
    pub const MAX: u32 = 100;
    const DEFAULT: u32 = 20;

    /// Checks the arguments of a list that is read forward; without arguments, the first 20 items.
    ///
    /// # Errors
    /// Fails if `first` is below 1 or above [`Self::MAX`].
    pub fn new(first: Option<i32>, after: Option<String>) -> Result<Self, PageError> {
        Self::of(PageArguments { first, after, ..PageArguments::default() })
    }

    /// Checks the arguments: `last` or `before` means backward; without arguments, the first 20 items.
    ///
    /// # Errors
    /// Fails if a count is below 1 or above [`Self::MAX`], or if the arguments mix both directions.
    pub fn of(arguments: PageArguments) -> Result<Self, PageError> {
        let PageArguments { first, after, last, before } = arguments;
        let backward = if last.is_some() {
            Some("last")
        } else if before.is_some() {
            Some("before")
        } else {
            None
        };
        let forward = if first.is_some() {
            Some("first")
        } else if after.is_some() {
            Some("after")
        } else {
            None
        };
        match (backward, forward) {
            (Some(field), Some(other)) => Err(PageError::BothWays { field, other }),
            (Some(_), None) => {
                Ok(Self { count: count(last, PageError::Last)?, cursor: before, backward: true })
            }
            (None, _) => Ok(Self { count: count(first, PageError::First)?, cursor: after, backward: false }),
        }
    }

    /// Returns the number of items to read.
    pub fn first(&self) -> u32 {
        self.count
    }

    /// Returns the sort key after which to continue, in the direction of the page.
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Returns the sort key after which to continue, parsed as the sort key of this list.
    ///
    /// # Errors
    /// Fails if it is a cursor of another list.
    pub fn read_cursor<T, E>(&self, read: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, PageError> {
        let foreign = |_error| if self.backward { PageError::Before } else { PageError::Cursor };
        self.cursor().map(read).transpose().map_err(foreign)
    }

    /// Returns whether to read against the order of the list; [`Self::page`] then reverses the fetched rows.
    pub fn is_backward(&self) -> bool {
        self.backward
    }

    /// Returns the number of rows to fetch: one more than requested, to know whether more follow.
    pub fn fetch(&self) -> u64 {
        u64::from(self.count) + 1
    }

    /// Makes a page of the fetched rows and drops the extra one.
    pub fn page<T>(&self, mut rows: Vec<T>) -> Page<T> {
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        let has_more = rows.len() > count;
        rows.truncate(count);
        // The item at the cursor stands on the side that is not read.
        let has_less = self.cursor.is_some();
        if self.backward {
            rows.reverse();
            return Page { items: rows, has_previous: has_more, has_next: has_less };
        }
        Page { items: rows, has_previous: has_less, has_next: has_more }
    }
}

fn count(asked: Option<i32>, error: PageError) -> Result<u32, PageError> {
    let Some(asked) = asked else { return Ok(PageRequest::DEFAULT) };
    let fitting = u32::try_from(asked).ok().filter(|count| (1..=PageRequest::MAX).contains(count));
    fitting.ok_or(error)
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Whether items precede these.
    pub has_previous: bool,
    /// Whether more items follow.
    pub has_next: bool,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Imitates a database: returns the items beyond the cursor, in the direction of the page, one more than requested.
    fn read(list: &[u32], page: &PageRequest) -> Page<u32> {
        let cursor = page.read_cursor(str::parse::<u32>).expect("a cursor of this list");
        let mut found: Vec<u32> = list
            .iter()
            .copied()
            .filter(|item| cursor.is_none_or(|at| if page.is_backward() { *item < at } else { *item > at }))
            .collect();
        if page.is_backward() {
            found.reverse();
        }
        found.truncate(usize::try_from(page.fetch()).expect("a small number"));
        page.page(found)
    }

    proptest! {
        /// Paging through a list returns each item once, in the list's order, in either direction.
        #[test]
        fn paging_to_the_end_shows_every_item_once(length in 0_u32..60, size in 1_i32..9) {
            let list: Vec<u32> = (0..length).collect();
            let (mut forward, mut after) = (Vec::new(), None);
            loop {
                let found = read(&list, &PageRequest::new(Some(size), after.clone()).expect("a page"));
                prop_assert_eq!(found.has_previous, after.is_some());
                after = found.items.last().map(u32::to_string);
                forward.extend(found.items);
                if !found.has_next { break }
            }
            prop_assert_eq!(&forward, &list);
            let (mut backward, mut before) = (Vec::new(), None);
            loop {
                let arguments = PageArguments { last: Some(size), before: before.clone(), ..PageArguments::default() };
                let mut found = read(&list, &PageRequest::of(arguments).expect("a page"));
                prop_assert_eq!(found.has_next, before.is_some());
                before = found.items.first().map(u32::to_string);
                found.items.extend(backward);
                backward = found.items;
                if !found.has_previous { break }
            }
            prop_assert_eq!(&backward, &list);
        }
    }

    #[test]
    fn a_page_of_both_directions_or_of_no_size_is_refused_by_its_argument() {
        let of = |first, last, before: Option<&str>| {
            let arguments = PageArguments { first, last, before: before.map(str::to_owned), after: None };
            PageRequest::of(arguments)
                .map(|page| (page.first(), page.is_backward()))
                .map_err(|error| error.field())
        };
        assert_eq!(of(None, None, None), Ok((20, false)));
        assert_eq!(of(None, None, Some("x")), Ok((20, true)));
        assert_eq!(of(None, Some(100), None), Ok((100, true)));
        assert_eq!(of(Some(101), None, None), Err("first"));
        assert_eq!(of(None, Some(0), None), Err("last"));
        assert_eq!(of(Some(1), Some(1), None), Err("last"));
        assert_eq!(of(Some(1), None, Some("x")), Err("before"));
    }
}
