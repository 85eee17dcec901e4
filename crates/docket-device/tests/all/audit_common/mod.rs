//! A store's tables and views in memory, with rows as the fold projects them.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use docket_device::audit::Audit;
use docket_format::crockford;
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

#[path = "../../../src/project/views.rs"]
mod views;

/// A database with the store's views.
pub struct Sheet {
    pub sql: Connection,
}

impl Sheet {
    /// No rows.
    pub fn empty() -> Self {
        let sql = Connection::open_in_memory().unwrap();
        sql.create_scalar_function(
            "crock",
            1,
            FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC,
            |call| Ok(call.get::<Option<Vec<u8>>>(0)?.map(|bytes| crockford::encode(&bytes))),
        )
        .unwrap();
        for text in [
            include_str!("../../../src/store/schema.sql"),
            include_str!("../../../src/store/schema_9.sql"),
            include_str!("../../../src/store/projections.sql"),
            &views::sql(),
        ] {
            sql.execute_batch(text).unwrap();
        }
        Self { sql }
    }

    /// One job, done as it should be.
    pub fn clean() -> Self {
        let mut sheet = Self::empty();
        sheet.add_job(1);
        sheet
    }

    /// Adds a job that was done as it should be by T-1, grade B.
    pub fn add_job(&mut self, n: i64) {
        let id = format!("{n:032X}");
        self.sql
            .execute_batch(&format!(
                "INSERT INTO doc(id, doc, code, kind, max_op, changes, heads)
                   VALUES ({n}, x'{id}', 'JOB{n:05}ABCD', 'job', 2, 1, x'');
                 INSERT INTO p_job(doc, id, code, kind, status, crew, received_ms, closed_ms, appliances, conflicts, findings)
                   VALUES ({n}, x'{id}', 'JOB{n:05}', 'installation', 'done', 'T-1', 1000, 2000, 1, 0, 0);
                 INSERT INTO p_visit(doc, pos, visit, person, least_grade, arrived_ms, ended_ms, outcome, detail, late_min,
                     limit_min, spent_min, appliances, assigned, signed)
                   VALUES ({n}, 0, 'V{n}', 'T-1', 'B', 1000000, 2000000, 'completed', 'installed', -3, 120, 20, 1, 1, 1);
                 INSERT OR REPLACE INTO p_grade(doc, from_ms, person, grade) VALUES (900000, 0, 'T-1', 'B');
                 INSERT INTO p_step(doc, appliance, pos, step, group_id, title, required, state, answer, unit, person, at_ms, fact)
                   VALUES ({n}, 1, 0, 'A1', 'A', 'Earth', 1, 'ok', '0.3', 'ohm', 'T-1', 1100000, 'F1'),
                          ({n}, 1, 1, '1', '1', 'Installed', 1, 'ok', 'true', NULL, 'T-1', 1200000, 'F2'),
                          ({n}, 1, 2, 'B1', 'B', 'Use', 1, 'ok', 'true', NULL, 'T-1', 1300000, 'F3');
                 INSERT INTO p_gate(doc, pos, appliance, gate, passed, core_step_fact) VALUES ({n}, 0, 1, 'safety', 1, 'F2');
                 INSERT INTO change(id, doc, actor, seq, start_op, ops, time, hash, body)
                   VALUES ({n}, {n}, x'{id}', 1, 2, 1, 0, x'', x'');
                 INSERT INTO fact(change, pos, id, kind) VALUES ({n}, 0, x'{id}', 'signed');"
            ))
            .unwrap();
    }
}

/// The rules of the findings, sorted.
pub fn ids(audit: &Audit) -> Vec<&str> {
    let mut ids: Vec<&str> = audit.findings.iter().map(|finding| &*finding.rule).collect();
    ids.sort_unstable();
    ids
}
