//! The file of SQLite as a whole: a copy of it, and its end.

use sea_orm::{ConnectionTrait, DbErr, RuntimeErr};

use crate::{Db, DbError};

impl Db {
    /// Writes a copy of everything that is committed into a new file, while others go on writing. The copy is not forced
    /// to the disk. PostgreSQL has tools of its own.
    ///
    /// # Errors
    /// The file exists or cannot be written; this is PostgreSQL.
    pub async fn copy_into(&self, file: &str) -> Result<(), DbError> {
        if !self.is_embedded() {
            let no_file = RuntimeErr::Internal("only SQLite is a file".to_owned());
            return Err(DbError::Failed(DbErr::Exec(no_file)));
        }
        let sql = format!("vacuum into '{}'", file.replace('\'', "''"));
        self.for_migration().execute_unprepared(&sql).await?;
        Ok(())
    }

    /// Closes every connection. Of a file, whoever closes the last one moves the newest commits into it.
    ///
    /// # Errors
    /// A connection does not close.
    pub async fn close(self) -> Result<(), DbError> {
        Ok(self.for_migration().close_by_ref().await?)
    }
}
