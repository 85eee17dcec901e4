//! The README's first command runs to its end under the policy that ships.

use crate::company::json;
use crate::env::Env;

#[test]
fn the_demo_converges_and_its_record_verifies() {
    let env = Env::new();
    let told = json(&env.run(&["demo", "--json"]).ok());
    assert_eq!((told["jobs"].as_u64(), told["converged"].as_bool()), (Some(10_000), Some(true)), "{told}");
    assert_eq!(told["verify"], "ok");
    assert!(told["audit"]["findings"].as_u64().is_some_and(|findings| findings > 0), "{told}");
}
