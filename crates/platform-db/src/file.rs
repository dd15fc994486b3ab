//! The SQLite file as a whole: copying and closing it.

use sea_orm::{ConnectionTrait, DbErr, RuntimeErr};

use crate::{Db, DbError};

impl Db {
    /// Writes a copy of all committed data into a new file while writers continue. The copy is not synced to the disk.
    /// PostgreSQL has tools of its own.
    ///
    /// # Errors
    /// Fails if the file exists or cannot be written, and on PostgreSQL.
    pub async fn copy_into(&self, file: &str) -> Result<(), DbError> {
        if !self.is_embedded() {
            let no_file = RuntimeErr::Internal("only SQLite is a file".to_owned());
            return Err(DbError::Failed(DbErr::Exec(no_file)));
        }
        let sql = format!("vacuum into '{}'", file.replace('\'', "''"));
        self.for_migration().execute_unprepared(&sql).await?;
        Ok(())
    }

    /// Closes every connection. Closing the last connection to a SQLite file moves the newest commits into it.
    ///
    /// # Errors
    /// Fails if a connection does not close.
    pub async fn close(self) -> Result<(), DbError> {
        Ok(self.for_migration().close_by_ref().await?)
    }
}
