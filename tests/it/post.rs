//! The mail of an application: what goes out, to a real mail server, and the codes in it.

use kernel::OpContext;
use private_servers::Smtp;
use server::Config;
use testkit::TestApp;

/// A mail server, and an application that writes to it.
pub(crate) struct Post {
    /// The server.
    pub(crate) smtp: Smtp,
}

impl Post {
    /// An application whose letters arrive.
    pub(crate) async fn open() -> (TestApp, Self) {
        Self::open_with(|_config| {}).await
    }

    /// The same, with some keys of its configuration changed.
    pub(crate) async fn open_with(change: impl FnOnce(&mut Config)) -> (TestApp, Self) {
        let smtp = Smtp::start().expect("a mail server");
        let app = TestApp::configured(|config| {
            change(config);
            config.mail.url = Some(smtp.url().into());
            config.mail.from = "Hub Humpolec <hub@example.org>".into();
        })
        .await;
        (app, Self { smtp })
    }

    /// Sends what is due, as the server does all the time; answers how many letters went out.
    pub(crate) async fn send(&self, app: &TestApp) -> usize {
        let services = app.services();
        let op = OpContext::system(services.world().clone());
        services.identity().expect("identity runs here").send_mail(&op).await.expect("sent")
    }

    /// The last letter, with its lines put together again.
    pub(crate) fn last_mail(&self) -> String {
        let mails = self.smtp.mails();
        mails.last().expect("a letter").replace("=\r\n", "").replace("=3D", "=")
    }

    /// The code in the last letter.
    pub(crate) fn code(&self) -> String {
        let mail = self.last_mail();
        let code = mail.split_whitespace().find(|word| word.starts_with("hubnet_code_"));
        code.unwrap_or_else(|| panic!("no code in {mail}")).to_owned()
    }
}
