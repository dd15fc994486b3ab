//! The mail of an application: sent to a real mail server, with the codes in it.

use private_servers::Smtp;
use server::Config;
use testkit::TestApp;

/// The job that sends identity's mail.
pub(crate) const SEND_MAIL: &str = "identity_mail";

/// A mail server, and an application that sends to it.
pub(crate) struct Post {
    /// The server.
    pub(crate) smtp: Smtp,
}

impl Post {
    /// Opens an application with working mail.
    pub(crate) async fn open() -> (TestApp, Self) {
        Self::open_with(|_config| {}).await
    }

    /// Opens an application with working mail and a changed configuration.
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

    /// Sends due mail, as the server does all the time; returns the number of mails that the mail server got.
    pub(crate) async fn send(&self, app: &TestApp) -> usize {
        let before = self.smtp.mails().len();
        app.run_jobs_of(SEND_MAIL).await;
        self.smtp.mails().len() - before
    }

    /// Returns the last mail, with its lines unfolded.
    pub(crate) fn last_mail(&self) -> String {
        let mails = self.smtp.mails();
        mails.last().expect("a mail").replace("=\r\n", "").replace("=3D", "=")
    }

    /// Returns the code in the last mail.
    pub(crate) fn code(&self) -> String {
        let mail = self.last_mail();
        let code = mail.split_whitespace().find(|word| word.starts_with("hubnet_code_"));
        code.unwrap_or_else(|| panic!("no code in {mail}")).to_owned()
    }
}
