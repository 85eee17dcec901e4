//! Making roster facts: every one is signed by its issuer before it exists.

use serde_json::{Map, Value};

use crate::crockford;
use crate::fact::{Fact, FactHeader, Malformed, Origin};
use crate::ids::{DeviceId, FactId, PersonId, TenantId};
use crate::keys::{PublicKey, SecretKey};
use crate::roster::{self, SealTag};

/// A roster fact to be signed.
#[derive(Debug)]
pub enum Draft<'a> {
    /// The tenant begins; by the root key.
    Founded {
        /// The company's name.
        name: &'a str,
    },
    /// A recovery key for the safe; by the root key.
    Recovery {
        /// Its public half.
        key: PublicKey,
    },
    /// A device's key, person and role, stated directly.
    Certify {
        /// The device's key.
        key: PublicKey,
        /// Who carries it.
        person: &'a PersonId,
        /// The person's name.
        name: &'a str,
        /// What they may do.
        role: &'a str,
    },
    /// A one-time invitation.
    Invite {
        /// The invitation's public key.
        key: PublicKey,
        /// For whom.
        person: &'a PersonId,
        /// The person's name.
        name: &'a str,
        /// What they may do.
        role: &'a str,
        /// Until when, milliseconds since 1970.
        expires_ms: i64,
    },
    /// A new device takes an invitation up.
    Enrol {
        /// The `invite` fact.
        invite: FactId,
        /// The invitation's private key.
        invitation: &'a SecretKey,
    },
    /// A device loses its standing.
    Revoke {
        /// Which device.
        device: DeviceId,
        /// The reason, for people.
        why: &'a str,
        /// Its seals that were seen, at most [`roster::REVOKE_SEALS`]: what came under those stays good.
        seals: &'a [SealTag],
        /// Its newest roster facts that were seen: they and all before them count.
        seen: &'a [FactId],
    },
    /// A relay's key: devices believe its receipts and its time.
    Relay {
        /// The relay's public key.
        key: PublicKey,
        /// Where it was met, for people.
        url: &'a str,
    },
    /// A further person may work on a device: its facts that say `as` are that person's.
    Share {
        /// Which device.
        device: DeviceId,
        /// Who.
        person: &'a PersonId,
        /// The person's name.
        name: &'a str,
        /// What they may do.
        role: &'a str,
    },
    /// A further person may not work on a device any longer.
    Unshare {
        /// Which device.
        device: DeviceId,
        /// Who.
        person: &'a PersonId,
        /// The reason, for people.
        why: &'a str,
        /// The `share` facts that end.
        over: &'a [FactId],
        /// The device's seals that were seen, at most [`roster::REVOKE_SEALS`]: what the person stated under those stays.
        seals: &'a [SealTag],
    },
    /// The writing device changes its key.
    Rotate {
        /// The new key, which signs too: nobody can name another's.
        key: &'a SecretKey,
    },
}

/// A roster fact could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The fact would not be well-formed (a name too long, say).
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The key is not that of the fact's author.
    #[error("the signing key does not belong to the device that states the fact")]
    NotTheAuthor,
}

impl Draft<'_> {
    /// The fact kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Founded { .. } => "founded",
            Self::Recovery { .. } => "recovery",
            Self::Certify { .. } => "certify",
            Self::Invite { .. } => "invite",
            Self::Enrol { .. } => "enrol",
            Self::Revoke { .. } => "revoke",
            Self::Rotate { .. } => "rotate",
            Self::Relay { .. } => "relay",
            Self::Share { .. } => "share",
            Self::Unshare { .. } => "unshare",
        }
    }

    fn body(&self, tenant: TenantId, signer: &SecretKey) -> Map<String, Value> {
        let text = |value: &dyn core::fmt::Display| Value::String(value.to_string());
        let entries: Vec<(&str, Value)> = match self {
            Self::Founded { name } => {
                vec![("dk", "roster".into()), ("key", text(&signer.public())), ("name", (*name).into())]
            }
            Self::Recovery { key } => vec![("key", text(key))],
            Self::Relay { key, url } => vec![("key", text(key)), ("url", (*url).into())],
            Self::Rotate { key } => {
                let (old, new) = (signer.public().device(), key.public());
                let parts: [&[u8]; 3] = [tenant.as_bytes(), old.as_bytes(), new.as_bytes()];
                vec![("key", text(&new)), ("ksig", key.sign(roster::ROTATE_LABEL, &parts).to_text().into())]
            }
            Self::Certify { key, person, name, role } => {
                vec![("key", text(key)), ("person", text(person)), ("name", (*name).into()), ("role", (*role).into())]
            }
            Self::Invite { key, person, name, role, expires_ms } => vec![
                ("key", text(key)),
                ("person", text(person)),
                ("name", (*name).into()),
                ("role", (*role).into()),
                ("expires_ms", (*expires_ms).into()),
            ],
            Self::Enrol { invite, invitation } => {
                let own = signer.public();
                let parts: [&[u8]; 3] = [tenant.as_bytes(), invite.as_bytes(), own.as_bytes()];
                let signature = invitation.sign(roster::ENROL_LABEL, &parts);
                vec![("key", text(&own)), ("invite", text(invite)), ("isig", signature.to_text().into())]
            }
            Self::Revoke { device, why, seals, seen } => {
                let seen: Value = seen.iter().map(|fact| text(fact)).collect::<Vec<Value>>().into();
                vec![("device", text(device)), ("why", (*why).into()), ("seals", packed(seals)), ("seen", seen)]
            }
            Self::Share { device, person, name, role } => vec![
                ("device", text(device)),
                ("person", text(person)),
                ("name", (*name).into()),
                ("role", (*role).into()),
            ],
            Self::Unshare { device, person, why, over, seals } => {
                let over: Value = over.iter().map(|fact| text(fact)).collect::<Vec<Value>>().into();
                vec![
                    ("device", text(device)),
                    ("person", text(person)),
                    ("why", (*why).into()),
                    ("over", over),
                    ("seals", packed(seals)),
                ]
            }
        };
        entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }
}

/// Seals' tags in one string.
fn packed(seals: &[SealTag]) -> Value {
    let text: String = seals.iter().map(|tag| crockford::encode(tag)).collect();
    text.into()
}

/// Signs and writes one roster fact with the origin given (its author must be the signer's device).
pub fn sign(tenant: TenantId, signer: &SecretKey, origin: Origin, draft: &Draft) -> Result<(Fact, String), SignError> {
    let own = matches!(&origin, Origin::Device { author, .. } if author.device == signer.public().device());
    if !own {
        return Err(SignError::NotTheAuthor);
    }
    let doc = roster::doc(tenant);
    let header = FactHeader { kind: draft.kind().to_owned(), origin };
    // The unsigned fact is written first: normalised text is what gets signed.
    let (unsigned, text) = Fact::write(doc, header, draft.body(tenant, signer))?;
    let signature = signer.sign(roster::LABEL, &[tenant.as_bytes(), text.as_bytes()]);
    let mut body = unsigned.body;
    body.insert("sig".to_owned(), signature.to_text().into());
    Ok(Fact::write(doc, unsigned.header, body)?)
}
