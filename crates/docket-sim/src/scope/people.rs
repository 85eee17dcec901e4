//! Who the devices belong to: a supervisor and two technicians, or two supervisors and a technician. A fourth device,
//! a technician's, wrote something before the history starts and is silent since.

use docket_core::{Evidence, Role, Standing, Who};
use docket_format::{Author, DeviceId, FactId, Incarnation};

/// The roster of the scope: every device is known and in good standing.
pub(super) struct People(Vec<(Author, Who)>);

impl People {
    pub(super) fn new(two_supervisors: bool) -> Self {
        let third = if two_supervisors { ("S-2", Role::SUPERVISOR) } else { ("T-2", Role::TECHNICIAN) };
        let names = [("S-1", Role::SUPERVISOR), ("T-1", Role::TECHNICIAN), third, ("T-3", Role::TECHNICIAN)];
        let known = names.into_iter().enumerate().filter_map(|(device, (person, role))| {
            Some((Self::author(device), Who { person: person.parse().ok()?, role: role.parse().ok()? }))
        });
        Self(known.collect())
    }

    pub(super) fn author(device: usize) -> Author {
        Author { device: DeviceId::from_bytes([device as u8 + 1; 16]), incarnation: Incarnation(1) }
    }
}

impl Evidence for People {
    fn person(&self, author: Author) -> Option<Who> {
        self.0.iter().find(|(known, _)| *known == author).map(|(_, who)| who.clone())
    }

    fn standing(&self, _: FactId) -> Standing {
        Standing::Ok
    }
}
