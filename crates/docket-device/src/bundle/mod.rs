//! Bundles at a device: handing records over as a file, in both directions, in any order, over any number of hops.

mod export;
mod import;
mod scope;

pub use export::{Export, Exported, Preview, export, preview};
pub(crate) use export::{ITEM_WEIGHT, LEAF_WEIGHT, change_weight, needed, parsed};
pub(crate) use import::items;
pub use import::{ImportReport, import};

use docket_format::DeviceId;
use docket_format::bundle::BadBundle;

use crate::error::{ErrorKind, StoreError};

/// A bundle could not be made or was refused whole. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The file.
    #[error(transparent)]
    Bad(#[from] BadBundle),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody knows the device that made it.
    #[error("the bundle was made by device {0}, which the roster does not know")]
    UnknownMaker(DeviceId),
    /// It was made for somebody else.
    #[error("the bundle was made for another device ({0})")]
    NotForUs(DeviceId),
    /// The addressee isn't in the roster.
    #[error("no device goes by `{0}`")]
    UnknownAddressee(String),
}

impl BundleError {
    /// How the command line answers.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Store(error) => error.kind(),
            Self::UnknownAddressee(_) => ErrorKind::Usage,
            _ => ErrorKind::Environment,
        }
    }

    /// What the person can do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Store(error) => return error.hint(),
            Self::Bad(BadBundle::Truncated { .. } | BadBundle::Damaged | BadBundle::Malformed { .. }) => {
                "nothing was taken in; copy the file again, or ask for a new export".into()
            }
            Self::Bad(BadBundle::OtherTenant(_)) => "it can only be read by a device of that company".into(),
            Self::Bad(BadBundle::NewerVersion(_) | BadBundle::Encrypted(_)) => "use a newer docket".into(),
            Self::Bad(_) => "nothing was taken in; do not trust this file".into(),
            Self::UnknownMaker(_) => {
                "the maker must have enrolled with this company; import the bundle that brings its enrolment first"
                    .into()
            }
            Self::NotForUs(_) => "pass the file on; `docket bundle export` without --to makes one for anybody".into(),
            Self::UnknownAddressee(_) => "`docket roster show` lists the devices and people".into(),
        })
    }
}
