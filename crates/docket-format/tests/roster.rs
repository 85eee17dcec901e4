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
use docket_format::roster::{Draft, Roster, State, seal_tag, sign};
use docket_format::{Author, Fact, FactId, Incarnation, PersonId, SealId, TenantId};

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

fn seal(count: u8) -> SealId {
    SealId::from_bytes([count; 32])
}

#[test]
fn a_revoked_device_keeps_what_was_seen_and_no_more() {
    let mut company = company();
    let phone = Writer::new(3);
    company.certify(&phone, "technician");
    let device = phone.key.public().device();
    let seals = [seal_tag(seal(1)), seal_tag(seal(2))];
    let revoke = Draft::Revoke { device, why: "lost", seals: &seals, seen: &[] };
    company.facts.push(company.admin.state(company.tenant, &revoke));
    let roster = company.roster();
    assert!(roster.seal_stands(device, seal(2)));
    assert!(!roster.seal_stands(device, seal(3)));
    // A list too long for one fact goes on in another of the same issuer.
    let more = Draft::Revoke { device, why: "lost", seals: &[seal_tag(seal(3))], seen: &[] };
    company.facts.push(company.admin.state(company.tenant, &more));
    assert!([1, 2, 3].iter().all(|&count| company.roster().seal_stands(device, seal(count))));
    // Another issuer names fewer: what both have seen stands.
    let root = Draft::Revoke { device, why: "lost", seals: &[seal_tag(seal(3))], seen: &[] };
    company.facts.push(company.root.state(company.tenant, &root));
    assert!(!company.roster().seal_stands(device, seal(1)) && company.roster().seal_stands(device, seal(3)));
}

#[test]
fn a_revoke_fact_holds_as_many_seals_as_promised() {
    let mut company = company();
    let device = Writer::new(3).key.public().device();
    let seals = vec![[0xFF; 10]; docket_format::roster::REVOKE_SEALS];
    let seen = vec![FactId::from_bytes([7; 16]); 16];
    let why = "x".repeat(200);
    company.admin.state(company.tenant, &Draft::Revoke { device, why: &why, seals: &seals, seen: &seen });
}

#[test]
fn a_thief_of_a_revoked_admin_device_cannot_certify_under_a_number_that_was_seen() {
    let mut company = company();
    let honest = Writer::new(5);
    company.certify(&honest, "technician");
    let seen = [company.admin.prev.unwrap()];
    let device = company.admin.key.public().device();
    let revoke = Draft::Revoke { device, why: "stolen", seals: &[], seen: &seen };
    company.facts.push(company.root.state(company.tenant, &revoke));
    // The thief goes back: another fact number 1.
    let friend = Writer::new(6);
    (company.admin.n, company.admin.prev) = (0, None);
    company.certify(&friend, "admin");
    let roster = company.roster();
    assert!(roster.device(friend.key.public().device()).is_none(), "{roster:?}");
    assert!(roster.device(honest.key.public().device()).is_some(), "what was seen stays");
}

#[test]
fn a_contested_admin_device_certifies_neither_itself_nor_others() {
    let mut company = company();
    let invitation = SecretKey::from_seed(&[50; 32]);
    let person = person("A-2");
    let invite = Draft::Invite { key: invitation.public(), person: &person, name: "B", role: "admin", expires_ms: 9 };
    let invite = company.admin.state(company.tenant, &invite);
    company.facts.push(invite.clone());
    let (mut honest, mut thief) = (Writer::new(3), Writer::new(4));
    for device in [&mut honest, &mut thief] {
        let draft = Draft::Enrol { invite: invite.id, invitation: &invitation };
        company.facts.push(device.state(company.tenant, &draft));
    }
    let friend = Writer::new(5).key.public();
    let own = thief.key.public();
    let second = SecretKey::from_seed(&[77; 32]);
    for draft in [
        Draft::Certify { key: own, person: &person, name: "B", role: "admin" },
        Draft::Certify { key: friend, person: &person, name: "B", role: "admin" },
        Draft::Revoke { device: company.admin.key.public().device(), why: "", seals: &[], seen: &[] },
        Draft::Rotate { key: &second },
    ] {
        company.facts.push(thief.state(company.tenant, &draft));
    }
    let roster = company.roster();
    assert_eq!(roster.device(own.device()).unwrap().state, State::Contested);
    assert!(roster.device(friend.device()).is_none() && roster.device(second.public().device()).is_none());
    assert_eq!(roster.device(company.admin.key.public().device()).unwrap().state, State::Active);
}

#[test]
fn nobody_takes_a_device_over_by_rotating_to_its_key() {
    let mut company = company();
    let invitation = SecretKey::from_seed(&[50; 32]);
    let invite = company.invite(&invitation);
    let mut victim = Writer::new(3);
    company.facts.push(victim.state(company.tenant, &Draft::Enrol { invite, invitation: &invitation }));
    let mut thief = Writer::new(4);
    company.certify(&thief, "technician");
    // The fact is the thief's with his own signature; only the victim's key could make `ksig`.
    let mut fact = thief.state(company.tenant, &Draft::Rotate { key: &SecretKey::from_seed(&[99; 32]) });
    fact = resigned(&company, &thief, fact, &victim);
    company.facts.push(fact);
    let roster = company.roster();
    assert_eq!(roster.device(victim.key.public().device()).unwrap().person, Some(person("T-1")));
}

/// The same rotation naming somebody else's key.
fn resigned(company: &Company, by: &Writer, fact: Fact, victim: &Writer) -> Fact {
    let doc = docket_format::roster::doc(company.tenant);
    let mut body = fact.body;
    body.remove("sig");
    body.insert("key".into(), victim.key.public().to_string().into());
    let (_, text) = Fact::write(doc, fact.header.clone(), body.clone()).unwrap();
    let signature = by.key.sign("docket-roster", &[company.tenant.as_bytes(), text.as_bytes()]);
    body.insert("sig".into(), signature.to_text().into());
    Fact::write(doc, fact.header, body).unwrap().0
}

#[test]
fn a_stolen_admin_device_cannot_close_the_way_back() {
    let mut company = company();
    let mut recovery = Writer::new(8);
    let draft = Draft::Recovery { key: recovery.key.public() };
    company.facts.push(company.root.state(company.tenant, &draft));
    let (device, admin) = (recovery.key.public().device(), company.admin.key.public().device());
    let close = Draft::Revoke { device, why: "", seals: &[], seen: &[] };
    company.facts.push(company.admin.state(company.tenant, &close));
    let seen = [company.admin.prev.unwrap()];
    let revoke = Draft::Revoke { device: admin, why: "stolen", seals: &[], seen: &seen };
    company.facts.push(recovery.state(company.tenant, &revoke));
    let next = Writer::new(9).key.public();
    let certify = Draft::Certify { key: next, person: &person("A-3"), name: "C", role: "admin" };
    company.facts.push(recovery.state(company.tenant, &certify));
    let roster = company.roster();
    assert!(matches!(roster.device(admin).unwrap().state, State::Revoked { .. }));
    assert_eq!(roster.device(next.device()).unwrap().state, State::Active);
}

#[test]
fn a_stolen_admin_device_cannot_outrun_its_revocation_and_nobody_revokes_the_root() {
    let mut company = company();
    let root = company.root.key.public().device();
    let admin = company.admin.key.public().device();
    let accomplice = Writer::new(6);
    // The root revokes the admin having seen nothing of it; the admin certifies a friend and revokes the root.
    company.certify(&accomplice, "admin");
    let counter = Draft::Revoke { device: root, why: "mine now", seals: &[], seen: &[] };
    company.facts.push(company.admin.state(company.tenant, &counter));
    let revoke = Draft::Revoke { device: admin, why: "stolen", seals: &[], seen: &[] };
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
    company
        .facts
        .push(company.admin.state(company.tenant, &Draft::Revoke { device: b, why: "", seals: &[], seen: &[] }));
    company.facts.push(second.state(company.tenant, &Draft::Revoke { device: a, why: "", seals: &[], seen: &[] }));
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
    let new = SecretKey::from_seed(&[33; 32]);
    company.facts.push(phone.state(company.tenant, &Draft::Rotate { key: &new }));
    let key = new.public();
    let roster = company.roster();
    assert_eq!(roster.device(key.device()).unwrap().person, Some(person("X-1")));
    let old = phone.key.public().device();
    assert_eq!(roster.device(old).unwrap().state, State::Rotated { to: key.device() });
    assert!(roster.seal_stands(old, seal(5)));
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
    let revoke = Draft::Revoke { device, why: "lost", seals: &[], seen: &[] };
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

#[test]
fn a_device_can_be_shared_and_what_was_stated_before_the_end_stays() {
    let mut company = company();
    let phone = Writer::new(3);
    company.certify(&phone, "technician");
    let device = phone.key.public().device();
    let lin = person("T-7");
    let share = Draft::Share { device, person: &lin, name: "Lin", role: "technician" };
    let shared = company.admin.state(company.tenant, &share);
    let first = shared.id;
    company.facts.push(shared);
    let of = |company: &Company| company.roster().device(device).unwrap().others.get(&lin).cloned();
    let entry = of(&company).unwrap();
    assert_eq!((entry.name.as_str(), entry.role.as_str(), &entry.ended), ("Lin", "technician", &None));
    assert_eq!(company.roster().shares(device, &lin), [first]);
    let seals = [seal_tag(seal(1))];
    let end = Draft::Unshare { device, person: &lin, why: "own phone", over: &[first], seals: &seals };
    company.facts.push(company.admin.state(company.tenant, &end));
    let entry = of(&company).unwrap();
    assert!(entry.is_under(seal(1)) && !entry.is_under(seal(2)));
    // A new leave does not hang on the old one's end.
    company.facts.push(company.admin.state(company.tenant, &share));
    assert_eq!(of(&company).unwrap().ended, None);
    assert!(company.roster().problems.is_empty());
}

#[test]
fn only_who_certifies_shares_devices() {
    let mut company = company();
    let mut phone = Writer::new(3);
    company.certify(&phone, "technician");
    let device = phone.key.public().device();
    let share = Draft::Share { device, person: &person("T-7"), name: "Lin", role: "admin" };
    company.facts.push(phone.state(company.tenant, &share));
    let root = Draft::Share { device, person: &person("T-8"), name: "R", role: "root" };
    company.facts.push(company.admin.state(company.tenant, &root));
    let roster = company.roster();
    assert!(roster.device(device).unwrap().others.is_empty());
    assert_eq!(roster.problems.len(), 2);
}
