//! A task that ends when its result is no longer awaited. Always true: dropping it cancels the work, and a panic in the
//! work becomes an error.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::task::JoinHandle;

use crate::responses::client_error::ClientError;

/// A task whose result is awaited.
#[must_use = "dropping it cancels the work"]
pub(crate) struct WhileWanted<T>(JoinHandle<T>);

impl<T> WhileWanted<T> {
    pub(crate) const fn of(task: JoinHandle<T>) -> Self {
        Self(task)
    }
}

impl<T> Future for WhileWanted<T> {
    type Output = Result<T, ClientError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(ready!(Pin::new(&mut self.0).poll(context)).map_err(ClientError::from))
    }
}

impl<T> Drop for WhileWanted<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
