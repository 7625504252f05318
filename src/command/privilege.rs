//! Giving up root: started as root, maquis binds its sockets and becomes the user that the configuration names, all of
//! it and for good, before it reads a key or a text.
//!
//! No thread may have been started by then. Without a user it serves, as root, nobody but this machine.

use nix::errno::Errno;
use nix::unistd::{User, geteuid};

use super::Error;
use crate::config::{Settings, Surroundings};
use crate::notice::{Notice, Notices};
use crate::server::Listener;
use crate::system::become_user;

/// Why it must not go on as the user it is.
#[derive(Debug, thiserror::Error)]
pub enum PrivilegeError {
    #[error(
        "there is no user `{name}`: make it with useradd --system --shell /usr/sbin/nologin {name}, or correct `user`"
    )]
    NoSuchUser { name: String },
    #[error("`user = \"{name}\"` is root by another name: name a user without privileges")]
    StillRoot { name: String },
    #[error(
        "only root can become `{name}`: start maquis as root, or as {name}, or leave `user` out of the configuration"
    )]
    NotRoot { name: String },
    #[error(
        "as root, maquis serves this machine alone, and these sockets are open to others: write user = \"maquis\" in the \
         configuration, or start it as another user (sudo -u maquis maquis serve …)"
    )]
    RootInPublic,
    #[error(
        "on this system maquis cannot give up root by itself: start it as {name} (sudo -u {name} maquis serve …), and leave \
         `user` out of the configuration"
    )]
    NotHere { name: String },
    #[error("it cannot become `{name}`")]
    Refused { name: String, source: Errno },
}

impl PrivilegeError {
    /// Whether only an edit mends it: starting again does not.
    pub(super) fn is_configured(&self) -> bool {
        match self {
            PrivilegeError::NoSuchUser { .. }
            | PrivilegeError::StillRoot { .. }
            | PrivilegeError::RootInPublic
            | PrivilegeError::NotHere { .. } => true,
            PrivilegeError::NotRoot { .. } | PrivilegeError::Refused { .. } => false,
        }
    }
}

/// Becomes the user of the settings; gives back what surrounds the process from then on.
pub(super) fn give_up_root(
    settings: &Settings,
    listeners: &[Listener],
    around: Surroundings,
    notices: &Notices,
) -> Result<Surroundings, Error> {
    let is_root = geteuid().is_root();
    let Some(name) = &settings.user else {
        return if is_root { stay_root(listeners, around, notices) } else { Ok(around) };
    };
    let found = User::from_name(name).map_err(|source| PrivilegeError::Refused { name: name.clone(), source })?;
    let user = found.ok_or_else(|| PrivilegeError::NoSuchUser { name: name.clone() })?;
    match (is_root, user.uid == geteuid()) {
        (_, true) if user.uid.is_root() => Err(PrivilegeError::StillRoot { name: name.clone() }.into()),
        (false, true) => Ok(around),
        (false, false) => Err(PrivilegeError::NotRoot { name: name.clone() }.into()),
        (true, _) => {
            become_user(&user).map_err(|source| refused(name.clone(), source))?;
            Ok(around.of_user(user.uid.as_raw(), user.dir))
        }
    }
}

fn refused(name: String, source: Errno) -> PrivilegeError {
    match source {
        Errno::ENOSYS => PrivilegeError::NotHere { name },
        source => PrivilegeError::Refused { name, source },
    }
}

fn stay_root(listeners: &[Listener], around: Surroundings, notices: &Notices) -> Result<Surroundings, Error> {
    if !listeners.iter().all(|listener| listener.socket.is_local()) {
        return Err(PrivilegeError::RootInPublic.into());
    }
    let text = "it runs as root, and serves this machine alone; to serve others, name a `user` in the configuration";
    notices.say(Notice::Configuration { text: text.to_owned() });
    Ok(around)
}
