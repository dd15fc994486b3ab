//! Charges visits as their events arrive: rates them, stores and posts the charges, publishes events. Called by the
//! consumer.

use kernel::{CloudEvent, NetworkId, World};
use platform_bus::HandleError;
use platform_db::Tx;

use crate::{
    BooksError, VisitEvent, events::ChargePosted, model::books::Books, model::ledger::Transaction, store,
};

/// Charges visits in the order of their events. Emits `roaming.charge_posted.v1` for each charge and each credit.
pub(crate) async fn post_charges(
    tx: &Tx,
    world: &World,
    network: NetworkId,
    visit: &[VisitEvent],
) -> Result<(), HandleError> {
    if visit.is_empty() {
        return Ok(());
    }
    if store::facts::lock_network(tx, network).await?.is_none() {
        return Err(HandleError::Later(format!("{network} is not known yet")));
    }
    let mut books = store::books::open(tx, network, visit).await?;
    for visit in visit {
        books.take(visit, world).map_err(refusal)?;
    }
    write(tx, world, &books).await
}

async fn write(tx: &Tx, world: &World, books: &Books) -> Result<(), HandleError> {
    let mut transactions = Vec::new();
    let mut facts = Vec::with_capacity(books.posted.len());
    for charge in &books.posted {
        let transaction =
            Transaction::of_charge(charge, world).map_err(|error| HandleError::Never(error.to_string()))?;
        transactions.extend(transaction);
        facts.push(CloudEvent::new(&ChargePosted::from(charge), books.network, Some(charge.hub), world)?);
    }
    store::charge::insert(tx, &books.posted).await?;
    store::ledger::post(tx, books.network, &transactions).await?;
    store::charge::save_visits(tx, books.network, books.changed()).await?;
    if !facts.is_empty() {
        tx.emit_all(facts).await?;
    }
    Ok(())
}

/// The event of an unknown hub or member may still arrive; an inconsistent visit never becomes valid.
fn refusal(error: BooksError) -> HandleError {
    match error {
        BooksError::UnknownHub(_) | BooksError::UnknownMember(_) => HandleError::Later(error.to_string()),
        BooksError::UnknownTariff(_) | BooksError::Backward(_) | BooksError::Money(_) => {
            HandleError::Never(error.to_string())
        }
    }
}
