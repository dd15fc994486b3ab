//! `/mail/<service>/unsubscribe/<token>`: the page by which somebody declines a category of mail, where the service runs.
//!
//! Always true: a token that this installation did not sign is answered with 404, and nothing is stored.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{ErrorCode, Language};
use platform_db::Db;
use platform_http::{HttpError, LinkPage, Page};
use platform_mail::{UnsubscribePage, Unsubscription, unsubscribe_page};
use platform_module::Module;

use crate::App;

/// The pages of the services of a process.
pub fn link_pages(app: &App) -> Vec<(String, Arc<dyn LinkPage>)> {
    let page = |module: &Arc<dyn Module>| {
        let page: Arc<dyn LinkPage> = Arc::new(Unsubscribe { app: app.clone(), db: module.db().clone() });
        (format!("/mail/{}/unsubscribe/{{key}}", module.about().name), page)
    };
    app.modules().iter().map(page).collect()
}

struct Unsubscribe {
    app: App,
    db: Db,
}

#[async_trait]
impl LinkPage for Unsubscribe {
    async fn show(&self, key: &str, language: Language) -> Result<Page, HttpError> {
        let is_found = Unsubscription::read(self.app.links(), key).is_some();
        render(if is_found { UnsubscribePage::Asks } else { UnsubscribePage::Invalid }, language)
    }

    async fn act(&self, key: &str, language: Language) -> Result<Page, HttpError> {
        let Some(unsubscription) = Unsubscription::read(self.app.links(), key) else {
            return render(UnsubscribePage::Invalid, language);
        };
        let declined = unsubscription.decline(&self.db, self.app.world().now()).await;
        declined.map_err(|error| {
            tracing::error!(%error, "a category of mail cannot be declined");
            HttpError { code: ErrorCode::Unavailable, message: "this cannot be done now".into() }
        })?;
        render(UnsubscribePage::Done, language)
    }
}

fn render(page: UnsubscribePage, language: Language) -> Result<Page, HttpError> {
    let html = unsubscribe_page(page, language).map_err(|error| {
        tracing::error!(%error, "a page cannot be rendered");
        HttpError { code: ErrorCode::Internal, message: "the page cannot be shown".into() }
    })?;
    Ok(Page { html, is_found: page != UnsubscribePage::Invalid })
}
