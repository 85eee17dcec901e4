# Recipes for those who have `just`; every one is a plain cargo command underneath.

# What CI runs
ci:
    .ci/run

# The whole story in a temporary folder
demo *ARGS:
    cargo run --release -- demo {{ARGS}}

# Goals as ratios within one run; CSV=FILE measures another export of 10,000 rows
bench *ARGS:
    cargo build --release -p docket-cli -p docket-sim
    cargo run --release -p docket-sim --bin bench -- {{ARGS}}

# 20 devices, 100,000 operations, loss, duplication, reordering, crashes, about a minute; the same seed, the same trace
sim seed="1" ops="100000" devices="20":
    cargo run --release -p docket-sim --bin sim -- --seed {{seed}} --ops {{ops}} --devices {{devices}} --on memory

# The same over real stores, real bundles and power cuts: slower, so fewer operations
sim-store seed="1" ops="5000" devices="8":
    cargo run --release -p docket-sim --bin sim -- --seed {{seed}} --ops {{ops}} --devices {{devices}} --on store

# Devices and a relay over a bad network, with accidents of every kind: a company for every 10,000 operations
sim-relay seed="1" ops="1000000" devices="12":
    cargo run --release -p docket-sim --bin sim -- --seed {{seed}} --ops {{ops}} --devices {{devices}} --on relay

# 20,000 power cuts under the real store
powercut:
    cargo test --release -p docket-sim --test all power_cut -- --ignored

# Property tests with many more cases than CI's
soak cases="20000":
    PROPTEST_CASES={{cases}} cargo test --release --workspace

# Rewrites what tests compare with: the protocol's vectors, snapshots. Look at the difference before committing it.
bless:
    DOCKET_BLESS=1 INSTA_UPDATE=always cargo test --workspace

# Advisories, licenses, sources (needs cargo-deny)
deny:
    cargo deny check
