//! The guarantee: a device is sent what its scopes show, whole and once, however they change.

use docket_format::{DocId, scope};
use serde_json::json;

use crate::support::{Exchange, doc};
use crate::world::world;

fn came(exchange: &Exchange, at: DocId) -> usize {
    exchange.changes().get(&at).map_or(0, Vec::len)
}

#[test]
fn scopes_decide_what_is_sent_however_they_change() {
    let mut world = world();
    let (mut office, mut on_site) = (world.office(), world.on_site());
    let (job, _, one) = world.job(1);
    let (customer, _, two) = world.job(2);
    office.sync(&[one, two]);
    for n in 10..15 {
        let (_, _, page) = world.job(n);
        office.sync(&[page]);
    }
    assert_eq!(came(&on_site.sync(&[]), job), 0);
    // A grant below the cursor arrives whole, and once although two tags name the customer.
    let (first, page) = world.enter(&[job, customer]);
    let (second, more) = world.enter(&[customer]);
    office.sync(&[page, more]);
    let granted = on_site.sync(&[]);
    assert_eq!((came(&granted, job), came(&granted, customer)), (1, 1));
    assert!(came(&granted, scope::doc(world.company.tenant, &"T-1".parse().unwrap())) > 0);
    // One of two tags ends: what the other holds stays.
    let left = world.admin.leave("T-1", &[first]);
    let page = world.admin.page(vec![left]);
    office.sync(&[page]);
    let (_, on_customer) = world.note(customer, "stays");
    let (_, on_job) = world.note(job, "goes");
    office.sync(&[on_customer, on_job]);
    let after = on_site.sync(&[]);
    assert_eq!((came(&after, job), came(&after, customer)), (0, 1));
    // Coming back brings what was missed.
    let (third, page) = world.enter(&[job]);
    office.sync(&[page]);
    assert_eq!(came(&on_site.sync(&[]), job), 2, "whole again");
    let left = world.admin.leave("T-1", &[second, third]);
    let page = world.admin.page(vec![left]);
    office.sync(&[page]);
    let (_, unseen) = world.note(customer, "unseen");
    office.sync(&[unseen]);
    assert_eq!(came(&on_site.sync(&[]), customer), 0);
    // Pushing never grants sight.
    let change = world.technician.write(doc(50), "created", json!({"dk": "job", "regs": {}})).1;
    let page = world.technician.page(vec![change]);
    assert_eq!(on_site.sync(&[page]).reply.new, 1);
    let mut again = world.on_site();
    assert_eq!(came(&again.sync(&[]), doc(50)), 0);
}
