//! The guarantee: who does not prove who he is gets nothing; who does gets what the roster says, from the moment it
//! says so; one invitation lets one device in; companies never see each other.

use std::sync::atomic::Ordering;

use docket_format::fact::{Origin, Stamp};
use docket_format::keys::{PublicKey, SecretKey};
use docket_format::roster::{self, Draft};
use docket_format::{PersonId, TenantId};
use docket_relay::Times;
use docket_sync::testkit::{Company, Pen};
use docket_sync::wire::{
    Buckets, Challenge, Compare, Compared, END, Frames, Join, PAGE, Page, auth_signature, put_frame,
};
use serde_json::json;

use crate::http::post;
use crate::support::{Client, Relay, doc, refusal};
use crate::world::world;

const HALF_A_DAY_MS: i64 = 12 * 3_600_000;

fn bodies(client: &Client) -> [(&'static str, Vec<u8>); 3] {
    let hello = client.hello(false).encode();
    let mut exchange = Vec::new();
    put_frame(&mut exchange, b'H', &hello);
    put_frame(&mut exchange, END, &[]);
    let compare = Compare { buckets: Some(Buckets::default()), docs: Vec::new() };
    [("/v1/sync", exchange), ("/v1/compare", compare.encode()), ("/v1/wait", hello)]
}

#[test]
fn no_endpoint_answers_without_a_good_token() {
    let world = world();
    let office = world.office();
    let elsewhere_dir = tempfile::tempdir().unwrap();
    let elsewhere = Relay::start(elsewhere_dir.path(), &[world.company.tenant]);
    let foreign = Client::with_token(&elsewhere, &world.admin, &world.company.roster_page()).token;
    let mut forged = office.token.clone().into_bytes();
    forged[3] = if forged[3] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    let long = "A".repeat(5_000);
    let bad = [None, Some(""), Some("garbage"), Some(forged.as_str()), Some(foreign.as_str()), Some(long.as_str())];
    for (path, body) in bodies(&office) {
        for token in bad {
            let answer = post(office.address, path, token, None, &body);
            assert_eq!(refusal(&answer), Err((401, "token".to_owned())), "{path} {token:?}");
        }
        assert_eq!(post(office.address, path, Some(&office.token), None, &body).status, 200, "{path}");
    }
    world.relay.now_ms.fetch_add(HALF_A_DAY_MS, Ordering::SeqCst);
    for (path, body) in bodies(&office) {
        let answer = post(office.address, path, Some(&office.token), None, &body);
        assert_eq!(refusal(&answer), Err((401, "token".to_owned())), "{path}: expired");
    }
}

#[test]
fn a_revocation_acts_at_once_and_later_work_is_still_taken() {
    let mut world = world();
    let (mut office, mut on_site) = (world.office(), world.on_site());
    let (job, _, page) = world.job(1);
    let (_, granted) = world.enter(&[job]);
    office.sync(&[page, granted]);
    assert!(on_site.sync(&[]).changes().contains_key(&job));
    let device = world.technician.author.device;
    world.company.state(&Draft::Revoke { device, why: "stolen", seals: &[], seen: &[] });
    office.sync(&[world.company.roster_page()]);
    for (path, body) in bodies(&on_site) {
        assert_eq!(post(on_site.address, path, Some(&on_site.token), None, &body).status, 200, "{path}");
    }
    on_site.cursor = None;
    let (_, note) = world.note(job, "secret");
    office.sync(&[note]);
    let late = world.technician.write(doc(5), "created", json!({"dk": "job", "regs": {}})).1;
    let page = world.technician.page(vec![late]);
    let claim = on_site.sync(&[page]);
    assert_eq!((claim.reply.new, claim.pages.len()), (1, 0), "a claim, and nothing in return");
    let compare = Compare { buckets: Some(Buckets::default()), docs: Vec::new() };
    let compared = Compared::decode(&on_site.post("/v1/compare", &compare.encode()).body).unwrap();
    assert!(compared.docs.is_empty());
    on_site.prove(&world.technician.key, None).unwrap();
}

#[test]
fn a_technician_is_told_nothing_of_what_is_out_of_sight() {
    let mut world = world();
    let (mut office, mut on_site) = (world.office(), world.on_site());
    let (job, hash, page) = world.job(1);
    office.sync(&[page]);
    assert!(!on_site.sync(&[]).changes().contains_key(&job));
    let compare = Compare { buckets: Some(Buckets::default()), docs: Vec::new() };
    let compared = Compared::decode(&on_site.post("/v1/compare", &compare.encode()).body).unwrap();
    assert!(compared.docs.iter().all(|sum| sum.doc != job));
    assert_ne!(hash.as_bytes(), &[0; 32]);
}

#[test]
fn companies_never_see_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let (mut one, mut two) = (Company::new(1), Company::new(50));
    let (mut a, mut b) = (one.device(2, "A-1", "admin"), two.device(2, "A-1", "admin"));
    let relay = Relay::start(dir.path(), &[one.tenant, two.tenant]);
    let mut first = Client::with_token(&relay, &a, &one.roster_page());
    let mut second = Client::with_token(&relay, &b, &two.roster_page());
    let change = a.write(doc(1), "created", json!({"dk": "job", "regs": {}})).1;
    let page = a.page(vec![change]);
    assert_eq!(first.sync(std::slice::from_ref(&page)).reply.new, 1);
    assert!(!second.sync(&[]).changes().contains_key(&doc(1)));
    // The other company's page is nobody's work here.
    assert_eq!(second.sync(&[page]).reply.new, 0);
    let change = b.write(doc(1), "created", json!({"dk": "job", "regs": {}})).1;
    let page = b.page(vec![change]);
    assert_eq!(second.sync(&[page]).reply.new, 1);
    assert!(first.sync(&[]).changes().is_empty());
    // The same key proves itself to each by itself: what it signed for one is no proof for the other.
    let challenged = first.challenge();
    let mut mixed = challenged.clone();
    mixed.relay = second.challenge().relay;
    assert_eq!(second.prove_with(&b.key, &mixed, None), Err((403, "proof".to_owned())));
    let metrics = get(&relay, "/metrics");
    assert!(metrics.contains("docket_relay_exchanges_total"), "{metrics}");
    assert!(!metrics.contains(&one.tenant.to_string()[..8]));
    assert!(get(&relay, "/healthz").ends_with("ok\n"));
}

fn get(relay: &Relay, path: &str) -> String {
    let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
    let answer = crate::http::exchange(relay.address, &[head.as_bytes()]);
    assert_eq!(answer.status, 200);
    String::from_utf8(answer.body).unwrap()
}

#[test]
fn proofs_are_for_one_key_one_relay_and_one_minute() {
    let world = world();
    let office = world.office();
    let proof = |key: &SecretKey, challenged| office.prove_with(key, challenged, None);
    let refused = Err((403, "proof".to_owned()));
    let challenged = office.challenge();
    assert!(proof(&world.admin.key, &challenged).is_ok());
    let mut forged = challenged.clone();
    forged.nonce[20] ^= 1;
    assert_eq!(proof(&world.admin.key, &forged), refused);
    // Somebody else's proof with one's own key in it.
    let relay = PublicKey::from_bytes(*challenged.relay);
    let signature = auth_signature(&world.admin.key, world.company.tenant, &relay, &challenged.nonce);
    let stolen = docket_sync::wire::Prove {
        tenant: (*world.company.tenant.as_bytes()).into(),
        key: (*world.technician.key.public().as_bytes()).into(),
        nonce: challenged.nonce.clone(),
        signature: (*signature.as_bytes()).into(),
    };
    let mut body = Vec::new();
    put_frame(&mut body, b'S', &stolen.encode_bytes());
    put_frame(&mut body, END, &[]);
    assert_eq!(refusal(&post(office.address, "/v1/session", None, None, &body)), Err((403, "proof".to_owned())));
    world.relay.now_ms.fetch_add(60_001, Ordering::SeqCst);
    assert_eq!(proof(&world.admin.key, &challenged), refused);
    let stranger = SecretKey::from_seed(&[77; 32]);
    assert_eq!(proof(&stranger, &office.challenge()), Err((403, "unknown-device".to_owned())));
    let unknown = Challenge::new(&[9; 32]).encode_bytes();
    let answer = post(office.address, "/v1/challenge", None, None, &unknown);
    assert_eq!(refusal(&answer), Err((404, "unknown-tenant".to_owned())));
    let short = Challenge::new(&world.company.tenant.as_bytes()[..4]).encode_bytes();
    let answer = post(office.address, "/v1/challenge", None, None, &short);
    assert_eq!(refusal(&answer), Err((400, "malformed".to_owned())));
}

/// A request for the roster with an invitation's key.
fn join(client: &Client, tenant: TenantId, invitation: &SecretKey) -> Result<Page, (u16, String)> {
    let challenged = client.challenge();
    let relay = PublicKey::from_bytes(*challenged.relay);
    let signature = auth_signature(invitation, tenant, &relay, &challenged.nonce);
    let join = Join {
        tenant: (*tenant.as_bytes()).into(),
        key: (*invitation.public().as_bytes()).into(),
        nonce: challenged.nonce,
        signature: (*signature.as_bytes()).into(),
    };
    let mut body = Vec::new();
    put_frame(&mut body, b'J', &join.encode_bytes());
    put_frame(&mut body, END, &[]);
    let answer = client.post("/v1/join", &body);
    refusal(&answer)?;
    let mut frames = Frames::new();
    frames.push(&answer.body);
    let frame = frames.next_frame().unwrap().unwrap();
    assert_eq!(frame.kind, PAGE);
    Ok(Page::decode(tenant, &frame.payload).unwrap())
}

/// The roster's page with a device's enrolment in it.
fn enrolled(company: &Company, pen: &mut Pen, invite: docket_format::FactId, invitation: &SecretKey) -> Page {
    let at = Stamp { wall_ms: 1_790_000_000_000, boot: "B00T".into(), up_ms: 1 };
    let origin = Origin::Device { author: pen.author, n: 1, prev: None, at };
    let draft = Draft::Enrol { invite, invitation };
    let (fact, text) = roster::sign(company.tenant, &pen.key, origin, &draft).unwrap();
    let doc = roster::doc(company.tenant);
    let mut page = company.roster_page();
    for (_, change) in &page.items[0].changes {
        pen.receive(change);
    }
    let change = pen.carry(doc, &[(fact.id, text)]);
    page.items[0].changes.push(change);
    page
}

#[test]
fn an_invitation_lets_one_device_in() {
    let mut world = world();
    let invitation = SecretKey::from_seed(&[60; 32]);
    let person: PersonId = "T-2".parse().unwrap();
    let expires_ms = world.relay.now_ms.load(Ordering::SeqCst) + 3_600_000;
    let key = invitation.public();
    world.company.state(&Draft::Invite { key, person: &person, name: "Li", role: "technician", expires_ms });
    let invite = world.company.facts.last().unwrap().id;
    world.office();
    let tenant = world.company.tenant;
    let mut new = Pen::new(SecretKey::from_seed(&[61; 32]), tenant);
    let mut thief = Pen::new(SecretKey::from_seed(&[62; 32]), tenant);
    let mut client = Client::new(&world.relay, &new);
    let roster_page = join(&client, tenant, &invitation).unwrap();
    assert_eq!(roster_page.items.len(), 1);
    let page = enrolled(&world.company, &mut new, invite, &invitation);
    let stolen = enrolled(&world.company, &mut thief, invite, &invitation);
    assert_eq!(client.prove(&new.key, None), Err((403, "unknown-device".to_owned())));
    client.token = client.prove(&new.key, Some(&page)).unwrap();
    assert!(client.sync(&[]).changes().contains_key(&roster::doc(tenant)));
    // The reply was lost: again.
    assert!(client.prove(&new.key, Some(&page)).is_ok() && client.prove(&new.key, None).is_ok());
    let late = Client::new(&world.relay, &thief);
    assert_eq!(late.prove(&thief.key, Some(&stolen)), Err((409, "invitation-used".to_owned())));
    assert_eq!(late.prove(&thief.key, None), Err((403, "unknown-device".to_owned())));
    assert_eq!(join(&late, tenant, &invitation).unwrap_err(), (409, "invitation-used".to_owned()));
    assert!(client.sync(&[]).changes().is_empty(), "still in good standing");
}

#[test]
fn invitations_expire_and_guessing_is_locked_by_address() {
    let mut world = world();
    let invitation = SecretKey::from_seed(&[60; 32]);
    let person: PersonId = "T-2".parse().unwrap();
    let expires_ms = world.relay.now_ms.load(Ordering::SeqCst) + 3_600_000;
    let key = invitation.public();
    world.company.state(&Draft::Invite { key, person: &person, name: "Li", role: "technician", expires_ms });
    world.office();
    let tenant = world.company.tenant;
    let mut client = Client::new(&world.relay, &world.technician);
    client.forwarded = Some("10.1.1.1".to_owned());
    for guess in 0..5 {
        let guess = SecretKey::from_seed(&[100 + guess; 32]);
        assert_eq!(join(&client, tenant, &guess).unwrap_err(), (403, "unknown-invitation".to_owned()));
    }
    assert_eq!(join(&client, tenant, &invitation).unwrap_err(), (429, "too-many-tries".to_owned()));
    client.forwarded = Some("10.1.1.2".to_owned());
    assert!(join(&client, tenant, &invitation).is_ok(), "another address");
    client.forwarded = Some("10.1.1.1".to_owned());
    world.relay.now_ms.fetch_add(15 * 60_000, Ordering::SeqCst);
    assert!(join(&client, tenant, &invitation).is_ok(), "later");
    world.relay.now_ms.fetch_add(3_600_000, Ordering::SeqCst);
    assert_eq!(join(&client, tenant, &invitation).unwrap_err(), (410, "invitation-expired".to_owned()));
}

#[test]
fn an_empty_relay_takes_the_company_back() {
    let world = world();
    let dir = tempfile::tempdir().unwrap();
    let empty = Relay::start_with(dir.path(), &[world.company.tenant], Times::default());
    let client = Client::new(&empty, &world.technician);
    assert_eq!(client.prove(&world.technician.key, None), Err((403, "unknown-device".to_owned())));
    assert!(client.prove(&world.technician.key, Some(&world.company.roster_page())).is_ok());
    assert!(Client::new(&empty, &world.admin).prove(&world.admin.key, None).is_ok(), "known from the technician");
}

#[test]
fn a_device_that_asks_too_often_is_told_to_wait() {
    let world = world();
    let (office, on_site) = (world.office(), world.on_site());
    let hello = office.hello(false);
    let statuses: Vec<_> = (0..320).map(|_| office.try_sync(&hello, &[]).err()).collect();
    let refused: Vec<_> = statuses.into_iter().flatten().collect();
    assert!(!refused.is_empty() && refused.iter().all(|(status, code)| *status == 429 && code == "too-many-requests"));
    assert!(on_site.try_sync(&on_site.hello(false), &[]).is_ok(), "others are not");
}
