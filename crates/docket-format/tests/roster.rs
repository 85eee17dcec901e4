//! The roster's promise: whoever holds the facts computes the same standing, and nobody without a chain to the root key
//! gets in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that fails should say where"
)]

use docket_format::fact::{Origin, Stamp};
use docket_format::keys::SecretKey;
use docket_format::roster::{Draft, Roster, State, sign};
use docket_format::{Author, Fact, FactId, Incarnation, PersonId, TenantId};

struct Writer {
    key: SecretKey,
    n: u64,
    prev: Option<FactId>,
}

impl Writer {
    fn new(seed: u8) -> Self {
        Self { key: SecretKey::from_seed(&[seed; 32]), n: 0, prev: None }
    }

    fn state(&mut self, tenant: TenantId, draft: &Draft) -> Fact {
        self.n += 1;
        let author = Author { device: self.key.public().device(), incarnation: Incarnation(1) };
        let at = Stamp { wall_ms: 1, boot: "B".into(), up_ms: 1 };
        let origin = Origin::Device { author, n: self.n, prev: self.prev, at };
        let (fact, _) = sign(tenant, &self.key, origin, draft).unwrap();
        self.prev = Some(fact.id);
        fact
    }
}

struct Company {
    tenant: TenantId,
    root: Writer,
    admin: Writer,
    facts: Vec<Fact>,
}

fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

fn company() -> Company {
    let mut root = Writer::new(1);
    let admin = Writer::new(2);
    let tenant = root.key.public().tenant();
    let founded = root.state(tenant, &Draft::Founded { name: "Cellar & Sons" });
    let key = admin.key.public();
    let certify = Draft::Certify { key, person: &person("A-1"), name: "Ada", role: "admin" };
    let certified = root.state(tenant, &certify);
    Company { tenant, root, admin, facts: vec![founded, certified] }
}

impl Company {
    fn roster(&self) -> Roster {
        Roster::fold(self.tenant, &self.facts)
    }

    fn invite(&mut self, invitation: &SecretKey) -> FactId {
        let key = invitation.public();
        let (person, name, role) = (person("T-1"), "Tao", "technician");
        let fact = self.admin.state(self.tenant, &Draft::Invite { key, person: &person, name, role, expires_ms: 9 });
        self.facts.push(fact.clone());
        fact.id
    }

    fn certify(&mut self, device: &Writer, role: &str) {
        let draft = Draft::Certify { key: device.key.public(), person: &person("X-1"), name: "X", role };
        self.facts.push(self.admin.state(self.tenant, &draft));
    }
}

#[test]
fn a_device_enters_by_invitation_and_its_role_is_the_inviters_word() {
    let mut company = company();
    let invitation = SecretKey::from_seed(&[50; 32]);
    let invite = company.invite(&invitation);
    let mut phone = Writer::new(3);
    company.facts.push(phone.state(company.tenant, &Draft::Enrol { invite, invitation: &invitation }));
    let roster = company.roster();
    let entry = roster.device(phone.key.public().device()).unwrap();
    assert_eq!((entry.role.as_str(), entry.state.clone()), ("technician", State::Active));
    assert_eq!(entry.person, Some(person("T-1")));
    assert_eq!(roster.name, "Cellar & Sons");
    assert!(roster.problems.is_empty(), "{:?}", roster.problems);
}

#[test]
fn nobody_enters_without_a_chain_to_the_root() {
    let mut company = company();
    let mut stranger = Writer::new(66);
    // Another root's founding, a self-certificate, an invitation by a technician, an enrolment without the seed.
    let other = stranger.key.public();
    let me = person("M-1");
    let foreign = company.tenant;
    company.facts.push(stranger.state(foreign, &Draft::Founded { name: "Evil" }));
    company.facts.push(stranger.state(foreign, &Draft::Certify { key: other, person: &me, name: "M", role: "admin" }));
    let invitation = SecretKey::from_seed(&[50; 32]);
    let invite = company.invite(&invitation);
    let guess = SecretKey::from_seed(&[51; 32]);
    company.facts.push(stranger.state(foreign, &Draft::Enrol { invite, invitation: &guess }));
    let mut technician = Writer::new(4);
    company.certify(&technician, "technician");
    company
        .facts
        .push(technician.state(foreign, &Draft::Certify { key: other, person: &me, name: "M", role: "admin" }));
    let roster = company.roster();
    assert!(roster.device(other.device()).is_none());
    assert_eq!(roster.problems.len(), 4, "{:?}", roster.problems);
}

#[test]
fn root_and_recovery_are_roles_that_nobody_can_give() {
    let mut company = company();
    let friend = Writer::new(5);
    company.certify(&friend, "root");
    company.certify(&friend, "recovery");
    assert!(company.roster().device(friend.key.public().device()).is_none());
}

#[test]
fn two_devices_on_one_invitation_stand_only_when_an_admin_certifies_one() {
    let mut company = company();
    let invitation = SecretKey::from_seed(&[50; 32]);
    let invite = company.invite(&invitation);
    let (mut first, mut second) = (Writer::new(3), Writer::new(4));
    for phone in [&mut first, &mut second] {
        let fact = phone.state(company.tenant, &Draft::Enrol { invite, invitation: &invitation });
        company.facts.push(fact);
    }
    let state = |company: &Company, who: &Writer| {
        company.roster().device(who.key.public().device()).map(|entry| entry.state.clone())
    };
    assert_eq!(state(&company, &first), Some(State::Contested));
    assert_eq!(state(&company, &second), Some(State::Contested));
    company.certify(&first, "technician");
    assert_eq!(state(&company, &first), Some(State::Active));
    assert_eq!(state(&company, &second), Some(State::Contested));
}

#[test]
fn a_revoked_device_keeps_what_was_seen_and_no_more() {
    let mut company = company();
    let phone = Writer::new(3);
    company.certify(&phone, "technician");
    let device = phone.key.public().device();
    let seals = [(Incarnation(1), 2)];
    let revoke = Draft::Revoke { device, why: "lost", seals: &seals, seen: 0 };
    company.facts.push(company.admin.state(company.tenant, &revoke));
    let roster = company.roster();
    assert!(roster.seal_stands(device, Incarnation(1), 2));
    assert!(!roster.seal_stands(device, Incarnation(1), 3));
    assert!(!roster.seal_stands(device, Incarnation(2), 1));
}

#[test]
fn a_stolen_admin_device_cannot_outrun_its_revocation_and_nobody_revokes_the_root() {
    let mut company = company();
    let root = company.root.key.public().device();
    let admin = company.admin.key.public().device();
    let accomplice = Writer::new(6);
    // The root revokes the admin having seen nothing of it; the admin certifies a friend and revokes the root.
    company.certify(&accomplice, "admin");
    let counter = Draft::Revoke { device: root, why: "mine now", seals: &[], seen: 0 };
    company.facts.push(company.admin.state(company.tenant, &counter));
    let revoke = Draft::Revoke { device: admin, why: "stolen", seals: &[], seen: 0 };
    company.facts.push(company.root.state(company.tenant, &revoke));
    let roster = company.roster();
    assert_eq!(roster.device(root).unwrap().state, State::Active);
    assert!(matches!(roster.device(admin).unwrap().state, State::Revoked { .. }));
    assert!(roster.device(accomplice.key.public().device()).is_none());
}

#[test]
fn of_two_admins_that_revoke_each_other_both_lose_their_standing() {
    let mut company = company();
    let mut second = Writer::new(7);
    let key = second.key.public();
    let certify = Draft::Certify { key, person: &person("A-2"), name: "Bob", role: "admin" };
    company.facts.push(company.root.state(company.tenant, &certify));
    let (a, b) = (company.admin.key.public().device(), key.device());
    company.facts.push(company.admin.state(company.tenant, &Draft::Revoke { device: b, why: "", seals: &[], seen: 0 }));
    company.facts.push(second.state(company.tenant, &Draft::Revoke { device: a, why: "", seals: &[], seen: 0 }));
    let roster = company.roster();
    for device in [a, b] {
        assert!(matches!(roster.device(device).unwrap().state, State::Revoked { .. }), "{roster:?}");
    }
}

#[test]
fn a_device_that_rotates_its_key_stays_the_same_person() {
    let mut company = company();
    let mut phone = Writer::new(3);
    company.certify(&phone, "technician");
    let key = SecretKey::from_seed(&[33; 32]).public();
    company.facts.push(phone.state(company.tenant, &Draft::Rotate { key }));
    let roster = company.roster();
    assert_eq!(roster.device(key.device()).unwrap().person, Some(person("X-1")));
    let old = phone.key.public().device();
    assert_eq!(roster.device(old).unwrap().state, State::Rotated { to: key.device() });
    assert!(roster.seal_stands(old, Incarnation(1), 5));
}

#[test]
fn the_order_of_arrival_changes_nothing() {
    let mut company = company();
    let invitation = SecretKey::from_seed(&[50; 32]);
    let invite = company.invite(&invitation);
    let (mut first, mut second) = (Writer::new(3), Writer::new(4));
    for phone in [&mut first, &mut second] {
        let fact = phone.state(company.tenant, &Draft::Enrol { invite, invitation: &invitation });
        company.facts.push(fact);
    }
    company.certify(&first, "technician");
    let device = first.key.public().device();
    let revoke = Draft::Revoke { device, why: "lost", seals: &[], seen: 0 };
    company.facts.push(company.admin.state(company.tenant, &revoke));
    let expected = company.roster();
    let mut facts = company.facts.clone();
    // Every rotation of the list and of its mirror image.
    for _ in 0..2 {
        for _ in 0..facts.len() {
            facts.rotate_left(1);
            assert_eq!(Roster::fold(company.tenant, &facts), expected);
        }
        facts.reverse();
    }
}
