-- Projection 6: dropped and made anew when its version changes. Times are milliseconds since 1970 (UTC).
CREATE TABLE p_job(
  doc          INTEGER PRIMARY KEY,
  id           BLOB NOT NULL,
  code         TEXT NOT NULL,
  number       TEXT,
  kind         TEXT,
  product      TEXT,
  status       TEXT NOT NULL,
  crew         TEXT NOT NULL,
  outlet       TEXT,
  customer     BLOB,
  channel      TEXT,
  difficulty   TEXT,
  text         TEXT,
  ext_status   TEXT,
  received_ms  INTEGER,
  appointment_ms INTEGER,
  window_min   INTEGER,
  appliances   INTEGER NOT NULL,
  closed_ms    INTEGER,
  policy       TEXT,
  conflicts    INTEGER NOT NULL,
  findings     INTEGER NOT NULL,
  updated_ms   INTEGER,
  override     TEXT,                   -- why somebody below the least grade was sent all the same
  stage        TEXT,                   -- of the six (D-H12); NULL: the job is off
  region       TEXT,
  handler      TEXT
);
CREATE INDEX p_job_open ON p_job(status, received_ms) WHERE status NOT IN ('closed', 'cancelled');
CREATE INDEX p_job_stage ON p_job(stage) WHERE stage IS NOT NULL AND stage <> 'upkeep';
CREATE INDEX p_job_customer ON p_job(customer) WHERE customer IS NOT NULL;
-- What audits look for is rare: partial indexes hold only that, so that a rule reads its findings and nothing else, and a
-- tick that is as it should be writes no page of theirs.
CREATE INDEX p_job_override ON p_job(doc) WHERE override IS NOT NULL;
CREATE INDEX p_job_backwards ON p_job(doc) WHERE closed_ms < received_ms;

CREATE TABLE p_customer(
  id       BLOB PRIMARY KEY,
  doc      INTEGER NOT NULL,
  name     TEXT,
  phone    TEXT,
  address  TEXT,
  postcode TEXT,
  lat      TEXT,
  lon      TEXT,
  grp      TEXT,
  birthday TEXT,
  owner    TEXT                        -- who decides for the customer
) WITHOUT ROWID;

-- Serial numbers of jobs' appliances and of what customers bought, without spaces and case.
CREATE TABLE p_serial(
  doc    INTEGER NOT NULL,
  serial TEXT NOT NULL,
  PRIMARY KEY (doc, serial)
) WITHOUT ROWID;
CREATE INDEX p_serial_number ON p_serial(serial);

-- Links between customers that are one (D-K3), and for each linked customer the least id of its group.
CREATE TABLE p_same(
  doc   INTEGER NOT NULL,
  fact  BLOB NOT NULL,
  one   BLOB NOT NULL,
  other BLOB NOT NULL,
  PRIMARY KEY (doc, fact)
) WITHOUT ROWID;
CREATE TABLE p_link(
  customer   BLOB PRIMARY KEY,
  person_key BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX p_link_key ON p_link(person_key);

CREATE TABLE p_visit(
  doc        INTEGER NOT NULL,
  pos        INTEGER NOT NULL,
  visit      TEXT NOT NULL,
  person     TEXT,
  least_grade TEXT,
  arrived_ms INTEGER,
  ended_ms   INTEGER,
  outcome    TEXT,
  detail     TEXT,
  late_min   INTEGER,
  limit_min  INTEGER,
  spent_min  INTEGER,
  appliances INTEGER NOT NULL,
  assigned   INTEGER,                  -- whether the person was ever assigned to the job
  late_work  TEXT,                     -- the job was taken from the person before it was known: 'open', 'credited'
  signed     INTEGER NOT NULL DEFAULT 0, -- whether anybody signed for the job
  PRIMARY KEY (doc, pos)
) WITHOUT ROWID;
CREATE INDEX p_visit_late ON p_visit(doc) WHERE late_min > 0;
CREATE INDEX p_visit_over ON p_visit(doc) WHERE spent_min > limit_min;
CREATE INDEX p_visit_unassigned ON p_visit(doc) WHERE assigned = 0;
CREATE INDEX p_visit_refused ON p_visit(doc) WHERE outcome = 'refused';
CREATE INDEX p_visit_unsigned ON p_visit(doc) WHERE outcome = 'completed' AND signed = 0;

CREATE TABLE p_step(
  doc       INTEGER NOT NULL,
  appliance INTEGER NOT NULL,
  pos       INTEGER NOT NULL,
  step      TEXT NOT NULL,
  group_id  TEXT NOT NULL,
  title     TEXT NOT NULL,
  required  INTEGER NOT NULL,
  state     TEXT NOT NULL,
  answer    TEXT,
  unit      TEXT,
  person    TEXT,
  at_ms     INTEGER,
  fact      TEXT,
  owed      INTEGER NOT NULL DEFAULT 0, -- required and missing although the visit was completed
  PRIMARY KEY (doc, appliance, pos)
) WITHOUT ROWID;
CREATE INDEX p_step_owed ON p_step(doc) WHERE owed = 1;
CREATE INDEX p_step_out_of_limits ON p_step(doc) WHERE state = 'out_of_limits';
CREATE INDEX p_step_failed ON p_step(doc) WHERE state = 'failed';
CREATE INDEX p_step_stale ON p_step(doc) WHERE state = 'stale';
CREATE INDEX p_step_invalid ON p_step(doc) WHERE state = 'invalid';
CREATE INDEX p_step_wrong_unit ON p_step(doc) WHERE state = 'wrong_unit';

CREATE TABLE p_order_break(
  doc         INTEGER NOT NULL,
  pos         INTEGER NOT NULL,
  appliance   INTEGER NOT NULL,
  step        TEXT NOT NULL,
  before_step TEXT NOT NULL,
  detail      TEXT NOT NULL,
  PRIMARY KEY (doc, pos)
) WITHOUT ROWID;

CREATE TABLE p_gate(
  doc       INTEGER NOT NULL,
  pos       INTEGER NOT NULL,
  appliance INTEGER NOT NULL,
  gate      TEXT NOT NULL,
  passed    INTEGER NOT NULL,
  core_step_fact TEXT,
  PRIMARY KEY (doc, pos)
) WITHOUT ROWID;
CREATE INDEX p_gate_shut ON p_gate(doc) WHERE passed = 0 AND core_step_fact IS NOT NULL;

CREATE TABLE p_conflict(
  doc      INTEGER NOT NULL,
  register TEXT NOT NULL,
  fact     TEXT NOT NULL,
  value    TEXT NOT NULL,
  person   TEXT,
  at_ms    INTEGER,
  PRIMARY KEY (doc, register, fact)
) WITHOUT ROWID;

CREATE TABLE p_issue(
  doc      INTEGER NOT NULL,
  id       TEXT NOT NULL,
  kind     TEXT NOT NULL,
  severity TEXT NOT NULL,
  summary  TEXT NOT NULL,
  decided  INTEGER NOT NULL,
  PRIMARY KEY (doc, id)
) WITHOUT ROWID;
CREATE INDEX p_issue_open ON p_issue(kind) WHERE decided = 0;

CREATE TABLE p_technician(
  doc     INTEGER PRIMARY KEY,
  person  TEXT NOT NULL,
  name    TEXT,
  outlet  TEXT,
  grade   TEXT NOT NULL,
  missing TEXT NOT NULL,
  as_of   TEXT NOT NULL,
  post    TEXT,
  skills  TEXT NOT NULL,               -- products, a comma list
  lat     TEXT,
  lon     TEXT
);
CREATE INDEX p_technician_person ON p_technician(person);

-- When somebody lacks courses that their post asks for: from one day's start until another's.
CREATE TABLE p_unready(
  doc      INTEGER NOT NULL,
  from_ms  INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  person   TEXT NOT NULL,
  missing  TEXT NOT NULL,              -- courses, a comma list
  PRIMARY KEY (doc, from_ms)
) WITHOUT ROWID;
CREATE INDEX p_unready_person ON p_unready(person, from_ms);

CREATE TABLE p_outlet(
  doc           INTEGER PRIMARY KEY,
  id            BLOB NOT NULL,
  outlet        TEXT NOT NULL,
  name          TEXT,
  level         TEXT,
  zone          TEXT,
  lat           TEXT,
  lon           TEXT,
  region        TEXT,
  market        TEXT,
  hours         TEXT,
  supervised_by TEXT,
  contact       TEXT,
  standing      TEXT,                  -- NULL: nothing recorded
  standing_ms   INTEGER,
  inspections   INTEGER NOT NULL,
  passed        INTEGER NOT NULL,
  score         INTEGER,               -- what the newest inspections found, 0 to 100
  calls         INTEGER NOT NULL,
  unanswered    INTEGER NOT NULL
);
CREATE INDEX p_outlet_outlet ON p_outlet(outlet);

-- An outlet's standing over time; before the first fact: 'none'.
CREATE TABLE p_standing(
  doc      INTEGER NOT NULL,
  pos      INTEGER NOT NULL,
  outlet   TEXT NOT NULL,
  state    TEXT NOT NULL,
  from_ms  INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  why      TEXT,
  person   TEXT,
  fact     TEXT,
  PRIMARY KEY (doc, pos)
) WITHOUT ROWID;

-- Who answered for a job, from when.
CREATE TABLE p_owner(
  doc         INTEGER NOT NULL,
  pos         INTEGER NOT NULL,
  outlet      TEXT,
  handler     TEXT,
  since_ms    INTEGER,
  person      TEXT,
  why         TEXT,
  override    TEXT,
  handed_over INTEGER NOT NULL,
  fact        TEXT NOT NULL,
  PRIMARY KEY (doc, pos)
) WITHOUT ROWID;
CREATE INDEX p_owner_outlet ON p_owner(outlet, since_ms) WHERE outlet IS NOT NULL;
CREATE INDEX p_owner_override ON p_owner(doc) WHERE override IS NOT NULL;
CREATE INDEX p_technician_outlet ON p_technician(outlet) WHERE outlet IS NOT NULL;

-- A technician's grade over time: valid from `from_ms` until the next row of the same person.
CREATE TABLE p_grade(
  doc     INTEGER NOT NULL,
  from_ms INTEGER NOT NULL,
  person  TEXT NOT NULL,
  grade   TEXT NOT NULL,
  PRIMARY KEY (doc, from_ms)
) WITHOUT ROWID;
CREATE INDEX p_grade_person ON p_grade(person, from_ms);

CREATE TABLE p_photo(
  doc       INTEGER NOT NULL,
  fact      BLOB NOT NULL,
  sha256    TEXT NOT NULL,
  size      INTEGER,
  mime      TEXT,
  step      TEXT,
  appliance INTEGER,
  PRIMARY KEY (doc, fact)
) WITHOUT ROWID;

-- Catalogued facts with effect, of any document.
CREATE TABLE p_event(
  doc    INTEGER NOT NULL,
  pos    INTEGER NOT NULL,
  fact   TEXT NOT NULL,
  kind   TEXT NOT NULL,
  person TEXT,
  role   TEXT,
  at_ms  INTEGER,
  stated INTEGER NOT NULL,             -- the time is what somebody wrote down later
  body   TEXT NOT NULL,
  PRIMARY KEY (doc, pos)
) WITHOUT ROWID;
CREATE INDEX p_event_kind ON p_event(kind, doc);

-- Duties that were broken, as the fold sees them.
CREATE TABLE p_sign(
  doc    INTEGER NOT NULL,
  pos    INTEGER NOT NULL,
  sign   TEXT NOT NULL,
  row    TEXT NOT NULL,
  key    TEXT NOT NULL,
  detail TEXT NOT NULL,
  fact   TEXT,
  person TEXT,
  at_ms  INTEGER,
  PRIMARY KEY (doc, pos)
) WITHOUT ROWID;
CREATE INDEX p_sign_sign ON p_sign(sign, doc);

-- Clocks: what the record settles about them. `verdict` is NULL while time decides.
CREATE TABLE p_clock(
  doc       INTEGER NOT NULL,
  pos       INTEGER NOT NULL,
  clock     TEXT NOT NULL,
  row       TEXT NOT NULL,
  scope     TEXT,                      -- the fact that it is about; NULL: the job
  start_ms  INTEGER,
  due_ms    INTEGER,
  stop_ms   INTEGER,
  paused_ms INTEGER,
  verdict   TEXT,                      -- 'met', 'breached', 'undecidable', 'not_applicable', 'quiet'
  evidence  TEXT NOT NULL,             -- 'stated', 'claimed', 'elapsed'
  suspect   INTEGER NOT NULL,
  PRIMARY KEY (doc, pos)
) WITHOUT ROWID;
CREATE INDEX p_clock_open ON p_clock(clock, due_ms) WHERE verdict IS NULL;
-- With the verdict, so that counting what is due reads the index alone.
CREATE INDEX p_clock_due ON p_clock(due_ms, verdict) WHERE verdict IS NULL;
CREATE INDEX p_clock_breached ON p_clock(clock) WHERE verdict = 'breached';
-- Findings that somebody answers for, out of the company's audit document.
CREATE TABLE p_waiver(
  doc      INTEGER NOT NULL,
  fact     TEXT NOT NULL,
  finding  TEXT NOT NULL,
  until    TEXT NOT NULL,
  until_ms INTEGER NOT NULL,           -- the first instant at which it counts no longer
  why      TEXT NOT NULL,
  person   TEXT,
  at_ms    INTEGER,
  ended_by TEXT,                       -- the fact that took it back
  ended_person TEXT,
  PRIMARY KEY (doc, fact)
) WITHOUT ROWID;

-- What a job draws on, and whether it is covered; only where something is known about the customer (D-E10).
CREATE TABLE p_cover(
  doc     INTEGER NOT NULL,
  need    TEXT NOT NULL,
  covered INTEGER NOT NULL,
  until   TEXT,
  why     TEXT NOT NULL,
  PRIMARY KEY (doc, need)
) WITHOUT ROWID;

-- When a job's appliance was bought, and how old it was at the request (D-E11).
CREATE TABLE p_age(
  doc      INTEGER NOT NULL,
  bought   TEXT NOT NULL,
  age_days INTEGER,
  paid     TEXT NOT NULL,
  PRIMARY KEY (doc, bought)
) WITHOUT ROWID;

CREATE TABLE p_device(
  device BLOB PRIMARY KEY,
  person TEXT,
  name   TEXT NOT NULL,
  role   TEXT NOT NULL,
  state  TEXT NOT NULL,                -- 'active', 'revoked', 'contested', 'rotated'
  seals  TEXT NOT NULL                 -- of a revoked device: the tags of the seals that stand, 16 characters each
) WITHOUT ROWID;

-- Further people on a device: `seals` is NULL while they may work there, else the tags of the seals under which what
-- they stated stays theirs.
CREATE TABLE p_shared(
  device BLOB NOT NULL,
  person TEXT NOT NULL,
  name   TEXT NOT NULL,
  role   TEXT NOT NULL,
  seals  TEXT,
  PRIMARY KEY (device, person)
) WITHOUT ROWID;

-- Facts that name somebody else than their device's own person; NULL where the roster does not allow it.
CREATE TABLE p_as(
  doc    INTEGER NOT NULL,
  fact   BLOB NOT NULL,
  person TEXT,
  PRIMARY KEY (doc, fact)
) WITHOUT ROWID;

-- Facts that have no effect because no word that counts stands behind them: of devices that lost their standing, and
-- imported ones for which only such devices or technicians vouch.
CREATE TABLE p_claim(
  doc  INTEGER NOT NULL,
  fact BLOB NOT NULL,
  PRIMARY KEY (doc, fact)
) WITHOUT ROWID;

-- Policy packs that are here whole and can be read.
CREATE TABLE p_policy(
  digest  TEXT PRIMARY KEY,
  doc     INTEGER NOT NULL,
  name    TEXT NOT NULL,
  text    TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX p_policy_doc ON p_policy(doc);

-- Adoptions of packs; `replaces`: the facts of those that were the newest then, with blanks between them.
CREATE TABLE p_adopted(
  doc      INTEGER NOT NULL,
  fact     BLOB NOT NULL,
  at_ms    INTEGER NOT NULL,
  replaces TEXT NOT NULL,
  PRIMARY KEY (doc, fact)
) WITHOUT ROWID;

-- How a job went as a whole; jobs that only are rows of a file have none.
CREATE TABLE p_course(
  doc            INTEGER PRIMARY KEY,
  resolution     TEXT,
  resolved_ms    INTEGER,
  resolved_by    TEXT,
  call_back      INTEGER NOT NULL,       -- the policy wants the customer asked after this resolution
  called_back    TEXT,                   -- the call-back that reached the customer
  first_time_fix INTEGER,
  repeat         TEXT,
  unpenalised    INTEGER NOT NULL,
  work_visits    INTEGER NOT NULL,
  cause          TEXT,
  recorded_ms    INTEGER,
  completeness   INTEGER,                -- per cent
  intake_corrections INTEGER NOT NULL,
  reclassified   INTEGER NOT NULL,
  nature         TEXT,
  region         TEXT,
  severity       TEXT,
  handled_by     TEXT,
  requester      TEXT,
  site_contact   TEXT,
  own_initiative TEXT,
  model          TEXT,
  whole_set      INTEGER NOT NULL DEFAULT 0 -- whether it is a whole set's job by the policy (D-H9)
);
CREATE INDEX p_course_whole_set ON p_course(doc) WHERE whole_set = 1;
CREATE INDEX p_course_repeat ON p_course(repeat) WHERE repeat IS NOT NULL;

-- Known problems.
CREATE TABLE p_problem(
  doc        INTEGER PRIMARY KEY,
  id         TEXT NOT NULL,
  title      TEXT,
  product    TEXT,
  model      TEXT,
  state      TEXT,
  contact    TEXT,
  notes      INTEGER NOT NULL,
  updated_ms INTEGER
);
