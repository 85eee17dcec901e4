-- Views 1 (docs/schema.md): the only names that audits and reports may use. `*_ms` is milliseconds since 1970,
-- the column beside it the same instant as RFC 3339 text in UTC.
-- Plain SQL but for `crock(blob)` in v_fact, v_device and v_photo, which every connection of this crate registers, and
-- for the shorthands `@uuid(id)` and `@instant(ms)`, which are written out before the views are made (project/views.rs).
CREATE VIEW v_job AS
  SELECT @uuid(j.id) AS doc, j.code, j.number, j.kind, j.product, j.status, j.crew, j.outlet,
         c.name AS customer, c.address, c.postcode, c.phone, j.channel, j.difficulty, j.text,
         j.received_ms, @instant(j.received_ms) AS received_at,
         j.appointment_ms, @instant(j.appointment_ms) AS appointment_at,
         j.window_min, j.appliances,
         j.closed_ms, @instant(j.closed_ms) AS closed_at,
         j.policy, j.conflicts, j.findings,
         j.updated_ms, @instant(j.updated_ms) AS updated_at,
         j.override, j.doc AS job, j.stage, j.region, j.handler, w.model, w.resolution, w.first_time_fix, w.repeat
    FROM p_job j LEFT JOIN p_customer c ON c.id = j.customer LEFT JOIN p_course w ON w.doc = j.doc;

CREATE VIEW v_visit AS
  SELECT @uuid(j.id) AS doc, j.code, v.visit, v.person,
         coalesce((SELECT g.grade FROM p_grade g WHERE g.person = v.person AND g.from_ms <= v.arrived_ms
                   ORDER BY g.from_ms DESC LIMIT 1), 'ungraded') AS grade_at_arrival,
         v.least_grade,
         v.arrived_ms, @instant(v.arrived_ms) AS arrived_at,
         v.ended_ms, @instant(v.ended_ms) AS ended_at,
         v.outcome, v.detail, v.late_min, v.limit_min, v.spent_min, v.appliances, v.assigned, v.late_work, v.doc AS job, v.signed
    FROM p_visit v JOIN p_job j ON j.doc = v.doc;

CREATE VIEW v_step AS
  SELECT @uuid(j.id) AS doc, j.code, s.appliance, s.step, s.group_id, s.title, s.required, s.state, s.answer,
         s.unit, s.person, s.at_ms, @instant(s.at_ms) AS at, s.fact, s.doc AS job, s.owed
    FROM p_step s JOIN p_job j ON j.doc = s.doc;

CREATE VIEW v_order_break AS
  SELECT @uuid(j.id) AS doc, j.code, o.appliance, o.step, o.before_step, o.detail, o.doc AS job
    FROM p_order_break o JOIN p_job j ON j.doc = o.doc;

CREATE VIEW v_gate AS
  SELECT @uuid(j.id) AS doc, j.code, g.appliance, g.gate, g.passed, g.core_step_fact, g.doc AS job
    FROM p_gate g JOIN p_job j ON j.doc = g.doc;

CREATE VIEW v_conflict AS
  SELECT @uuid(d.doc) AS doc, substr(d.code, 1, 8) AS code, c.register, c.value, c.fact, c.person,
         c.at_ms, @instant(c.at_ms) AS at
    FROM p_conflict c JOIN doc d ON d.id = c.doc;

CREATE VIEW v_inbox AS
  SELECT i.id, @uuid(d.doc) AS doc, substr(d.code, 1, 8) AS code, i.kind, i.severity, i.summary, i.decided
    FROM p_issue i JOIN doc d ON d.id = i.doc
  UNION ALL
  SELECT 'malformed-' || m.change || '-' || m.pos, @uuid(d.doc), substr(d.code, 1, 8), 'malformed', 'high',
         'not a fact: ' || m.reason, 0
    FROM malformed m JOIN doc d ON d.id = m.doc
  UNION ALL
  SELECT 'quarantine-' || q.id, CASE WHEN q.doc IS NOT NULL THEN @uuid(q.doc) END, NULL, 'quarantine', 'high', q.detail || ' (from ' || q.sender || ')', 0
    FROM quarantine q
  UNION ALL
  SELECT 'parked-' || p.id, @uuid(p.doc), NULL, 'parked', 'medium',
         'waits for what it builds on (from ' || p.sender || ')', 0
    FROM parked p;

CREATE VIEW v_technician AS
  SELECT person, name, grade, missing, as_of, outlet, post, skills, lat, lon, doc AS job FROM p_technician;

CREATE VIEW v_fact AS
  SELECT @uuid(d.doc) AS doc, substr(d.code, 1, 8) AS code, crock(f.id) AS fact, f.kind,
         CASE WHEN z.fact IS NULL THEN p.person ELSE z.person END AS person,
         crock(a.device) AS device, f.at_ms, @instant(f.at_ms) AS at, f.n,
         CASE WHEN EXISTS (SELECT 1 FROM p_claim x WHERE x.doc = d.id AND x.fact = f.id) THEN 'claim'
              WHEN f.author IS NULL
              THEN CASE WHEN EXISTS (SELECT 1 FROM unvouched u WHERE u.doc = d.id AND u.fact = f.id)
                        THEN 'unsealed' ELSE 'ok' END
              WHEN p.device IS NULL THEN 'unknown_device'
              WHEN d.kind = 'roster' THEN 'ok' -- signed one by one
              WHEN p.state NOT IN ('active', 'rotated') THEN 'ok'
              WHEN c.sealed_n < f.n THEN 'unsealed'
              ELSE 'ok' END AS standing
    FROM doc d JOIN change g ON g.doc = d.id JOIN fact f ON f.change = g.id
    LEFT JOIN author a ON a.id = f.author
    LEFT JOIN chain c ON c.doc = d.id AND c.author = f.author
    LEFT JOIN p_device p ON p.device = a.device
    LEFT JOIN p_as z ON z.doc = d.id AND z.fact = f.id;

CREATE VIEW v_device AS SELECT crock(device) AS device, person, name, role, state FROM p_device;

CREATE VIEW v_shared AS
  SELECT crock(device) AS device, person, name, role, CASE WHEN seals IS NULL THEN 'active' ELSE 'ended' END AS state
    FROM p_shared;

CREATE VIEW v_grade AS
  SELECT person, grade, from_ms, @instant(from_ms) AS from_at FROM p_grade;

CREATE VIEW v_photo AS
  SELECT @uuid(d.doc) AS doc, substr(d.code, 1, 8) AS code,
         crock(p.fact) AS fact, p.sha256, p.size, p.mime, p.step, p.appliance
    FROM p_photo p JOIN doc d ON d.id = p.doc;

CREATE VIEW v_event AS
  SELECT @uuid(d.doc) AS doc, substr(d.code, 1, 8) AS code, d.kind AS of, e.fact, e.kind, e.person, e.role,
         e.at_ms, @instant(e.at_ms) AS at, e.stated, e.body, e.doc AS job
    FROM p_event e JOIN doc d ON d.id = e.doc;

CREATE VIEW v_sign AS
  SELECT @uuid(d.doc) AS doc, substr(d.code, 1, 8) AS code, s.sign, s.row, s.key, s.detail, s.fact, s.person,
         s.at_ms, @instant(s.at_ms) AS at, s.doc AS job
    FROM p_sign s JOIN doc d ON d.id = s.doc;

CREATE VIEW v_outlet AS
  SELECT @uuid(o.id) AS doc, o.outlet, o.name, o.level, o.zone, o.lat, o.lon, o.region, o.market,
         o.hours, o.supervised_by, o.contact, o.standing, o.standing_ms,
         @instant(o.standing_ms) AS standing_at, o.inspections, o.passed,
         o.score, o.calls, o.unanswered, o.doc AS job
    FROM p_outlet o;

CREATE VIEW v_standing AS
  SELECT s.outlet, s.state, s.from_ms, @instant(s.from_ms) AS from_at,
         s.until_ms, @instant(s.until_ms) AS until_at, s.why, s.person, s.fact
    FROM p_standing s;

CREATE VIEW v_owner AS
  SELECT @uuid(j.id) AS doc, j.code, o.pos, o.outlet, o.handler, o.since_ms,
         @instant(o.since_ms) AS since_at, o.person, o.why, o.override,
         o.handed_over, o.fact, o.doc AS job
    FROM p_owner o JOIN p_job j ON j.doc = o.doc;

-- Who answers for an outlet's results (D-C8): its own managers, by post or role; whoever supervises it, a person or the
-- managers of an outlet; and so on upwards. However often somebody is above an outlet, there is one row.
CREATE VIEW v_manager AS
  WITH RECURSIVE manager(outlet, person) AS (
         SELECT t.outlet, t.person FROM p_technician t
          WHERE t.outlet IS NOT NULL
            AND (t.post = 'outlet_manager'
                 OR t.person IN (SELECT d.person FROM p_device d WHERE d.role = 'outlet_manager' AND d.state <> 'revoked'
                                 UNION ALL SELECT s.person FROM p_shared s WHERE s.role = 'outlet_manager' AND s.seals IS NULL))),
       above(outlet, by) AS (
         SELECT outlet, supervised_by FROM p_outlet WHERE supervised_by IS NOT NULL
         UNION
         SELECT a.outlet, o.supervised_by FROM above a JOIN p_outlet o ON o.outlet = a.by WHERE o.supervised_by IS NOT NULL)
  SELECT outlet, person, max(direct) AS direct
    FROM (SELECT outlet, person, 1 AS direct FROM manager
          UNION ALL
          SELECT a.outlet, m.person, 0 FROM above a JOIN manager m ON m.outlet = a.by
          UNION ALL
          SELECT a.outlet, a.by, 0 FROM above a WHERE a.by NOT IN (SELECT outlet FROM p_outlet))
   GROUP BY outlet, person;

CREATE VIEW v_unready AS
  SELECT person, missing, from_ms, @instant(from_ms) AS from_at,
         until_ms, @instant(until_ms) AS until_at
    FROM p_unready;
CREATE VIEW v_clock AS
  SELECT @uuid(d.doc) AS doc, substr(d.code, 1, 8) AS code, c.clock, c.row, c.scope,
         c.start_ms, @instant(c.start_ms) AS start_at,
         c.due_ms, @instant(c.due_ms) AS due_at,
         c.stop_ms, @instant(c.stop_ms) AS stop_at,
         c.paused_ms, c.verdict, c.evidence, c.suspect, c.doc AS job
    FROM p_clock c JOIN doc d ON d.id = c.doc;
CREATE VIEW v_waiver AS
  SELECT w.finding, w.fact, w.until, w.until_ms, w.why, w.person,
         w.at_ms, @instant(w.at_ms) AS at, w.ended_by, w.ended_person
    FROM p_waiver w;

-- How a job went as a whole (D-C6, D-H7, D-E2): jobs that only are rows of a file have none.
CREATE VIEW v_course AS
  SELECT @uuid(j.id) AS doc, j.code, j.status, c.resolution,
         c.resolved_ms, @instant(c.resolved_ms) AS resolved_at, c.resolved_by,
         c.call_back, c.called_back, c.first_time_fix, c.repeat, c.unpenalised, c.work_visits, c.cause,
         c.recorded_ms, @instant(c.recorded_ms) AS recorded_at,
         c.completeness, c.intake_corrections, c.reclassified, c.nature, c.region, c.severity, c.handled_by, c.requester,
         c.site_contact, c.own_initiative, c.doc AS job, c.model, c.whole_set,
         CASE WHEN j.customer IS NOT NULL THEN @uuid(coalesce(l.person_key, j.customer)) END AS person_key,
         j.kind, j.product, j.outlet, j.received_ms
    FROM p_course c JOIN p_job j ON j.doc = c.doc LEFT JOIN p_link l ON l.customer = j.customer;

-- What customers said when asked afterwards (D-C2, D-H18). `serving`: the asker was on site or belongs to the outlet
-- that served.
CREATE VIEW v_callback AS
  SELECT @uuid(j.id) AS doc, j.code, e.fact,
         coalesce(json_extract(e.body, '$.visit'),
                  (SELECT v.visit FROM p_visit v WHERE v.doc = e.doc AND v.arrived_ms <= e.at_ms
                    ORDER BY v.arrived_ms DESC LIMIT 1)) AS visit,
         e.person, e.role,
         (SELECT t.outlet FROM p_technician t WHERE t.person = e.person ORDER BY t.doc LIMIT 1) AS asker_outlet, j.outlet,
         EXISTS (SELECT 1 FROM p_sign s WHERE s.doc = e.doc AND s.sign = 'own_outlet' AND s.key = e.fact) AS serving,
         json_extract(e.body, '$.reached') AS reached, json_extract(e.body, '$.satisfied') AS satisfied,
         json_extract(e.body, '$.score') AS score, json_extract(e.body, '$.solved') AS solved,
         json_extract(e.body, '$.channel') AS channel, json_extract(e.body, '$.text') AS text,
         EXISTS (SELECT 1 FROM p_sign s WHERE s.doc = e.doc AND s.sign = 'bad_answer' AND s.key = e.fact) AS bad_answer,
         e.at_ms, @instant(e.at_ms) AS at, e.stated, e.doc AS job
    FROM p_event e JOIN p_job j ON j.doc = e.doc
   WHERE e.kind = 'called_back';

-- Complaints, and how far each is (D-C4).
CREATE VIEW v_complaint AS
  SELECT doc, code, complaint, cause, about, step, channel, text, person,
         complained_ms, @instant(complained_ms) AS complained_at,
         handled_ms, @instant(handled_ms) AS handled_at, handled_by, result,
         answered_ms, @instant(answered_ms) AS answered_at,
         CASE WHEN answered_ms IS NOT NULL THEN 'answered' WHEN handled_ms IS NOT NULL THEN 'handled' ELSE 'open' END AS state,
         job
    FROM (
      SELECT @uuid(j.id) AS doc, j.code, e.fact AS complaint,
             json_extract(e.body, '$.cause') AS cause, json_extract(e.body, '$.about') AS about,
             json_extract(e.body, '$.step') AS step, json_extract(e.body, '$.channel') AS channel,
             json_extract(e.body, '$.text') AS text, e.person, e.at_ms AS complained_ms,
             (SELECT min(h.at_ms) FROM p_event h WHERE h.kind = 'handled' AND h.doc = e.doc
                 AND json_extract(h.body, '$.complaint') = e.fact) AS handled_ms,
             (SELECT h.person FROM p_event h WHERE h.kind = 'handled' AND h.doc = e.doc
                 AND json_extract(h.body, '$.complaint') = e.fact ORDER BY h.pos DESC LIMIT 1) AS handled_by,
             (SELECT json_extract(h.body, '$.result') FROM p_event h WHERE h.kind = 'handled' AND h.doc = e.doc
                 AND json_extract(h.body, '$.complaint') = e.fact ORDER BY h.pos DESC LIMIT 1) AS result,
             (SELECT min(a.at_ms) FROM p_event a WHERE a.kind = 'answered' AND a.doc = e.doc
                 AND json_extract(a.body, '$.complaint') = e.fact) AS answered_ms,
             e.doc AS job
        FROM p_event e JOIN p_job j ON j.doc = e.doc
       WHERE e.kind = 'complained');

-- The known problems, with how many jobs show each (D-E2, D-E3).
CREATE VIEW v_problem AS
  SELECT p.id AS doc, substr(d.code, 1, 8) AS code, p.title, p.product, p.model, p.state, p.contact, p.notes,
         coalesce(l.jobs, 0) AS jobs,
         p.updated_ms, @instant(p.updated_ms) AS updated_at
    FROM p_problem p JOIN doc d ON d.id = p.doc
    LEFT JOIN (SELECT json_extract(e.body, '$.problem') AS problem, count(DISTINCT e.doc) AS jobs
                 FROM p_event e WHERE e.kind = 'linked' GROUP BY 1) l ON l.problem = p.id;

-- The repairs (D-E3): the fault as it was guessed and as it was found (D-H16), and how it ended.
CREATE VIEW v_repair AS
  SELECT @uuid(j.id) AS doc, j.code, j.outlet, j.product, j.status,
         (SELECT json_extract(e.body, '$.fault') FROM p_event e WHERE e.kind = 'diagnosed' AND e.doc = j.doc
           ORDER BY e.pos DESC LIMIT 1) AS fault_guessed,
         (SELECT json_extract(e.body, '$.fault') FROM p_event e WHERE e.kind = 'found' AND e.doc = j.doc
           ORDER BY e.pos DESC LIMIT 1) AS fault_found,
         c.cause, c.resolution, c.resolved_by, c.work_visits, c.first_time_fix, c.repeat,
         (SELECT json_extract(e.body, '$.problem') FROM p_event e WHERE e.kind = 'linked' AND e.doc = j.doc
           ORDER BY e.pos DESC LIMIT 1) AS problem,
         j.received_ms, @instant(j.received_ms) AS received_at,
         c.resolved_ms, @instant(c.resolved_ms) AS resolved_at, j.doc AS job
    FROM p_job j LEFT JOIN p_course c ON c.doc = j.doc
   WHERE j.kind = 'repair';

-- Everything that was fed back, by whomever (D-E3, D-E8, D-C8): call-backs, surveys, complaints, ratings, internal forms.
CREATE VIEW v_feedback AS
  SELECT @uuid(d.doc) AS doc, substr(d.code, 1, 8) AS code, d.kind AS of, e.fact, e.kind AS source, e.person,
         coalesce(json_extract(e.body, '$.relation'), json_extract(e.body, '$.rater'),
                  CASE e.kind WHEN 'complained' THEN 'customer' ELSE 'own' END) AS relation,
         json_extract(e.body, '$.channel') AS channel, json_extract(e.body, '$.score') AS score,
         json_extract(e.body, '$.satisfied') AS satisfied,
         coalesce(json_extract(e.body, '$.cause'), json_extract(e.body, '$.about')) AS about,
         json_extract(e.body, '$.to') AS department, json_extract(e.body, '$.text') AS text,
         json_extract(e.body, '$.visit') AS visit,
         e.at_ms, @instant(e.at_ms) AS at, e.doc AS job
    FROM p_event e JOIN doc d ON d.id = e.doc
   WHERE e.kind IN ('called_back', 'surveyed', 'complained', 'rated', 'fed_back');

-- Customers (D-E3). `person_key` is the least id of the customers that are one with this one (D-K3); its own where none is.
CREATE VIEW v_customer AS
  SELECT @uuid(c.id) AS doc, substr(d.code, 1, 8) AS code, c.name, c.phone, c.address, c.postcode, c.lat, c.lon,
         c.grp AS "group", c.owner,
         (SELECT count(*) FROM p_job j WHERE j.customer = c.id) AS jobs,
         (SELECT max(j.received_ms) FROM p_job j WHERE j.customer = c.id) AS last_ms,
         c.doc AS customer,
         @uuid(coalesce(l.person_key, c.id)) AS person_key,
         l.person_key IS NOT NULL AS linked
    FROM p_customer c JOIN doc d ON d.id = c.doc LEFT JOIN p_link l ON l.customer = c.id;
-- A part on its way (D-H15).
CREATE VIEW v_part AS
  SELECT @uuid(j.id) AS doc, j.code,
         json_extract(e.body, '$.part') AS part, json_extract(e.body, '$.state') AS state,
         coalesce(json_extract(e.body, '$.qty'), 1) AS qty, json_extract(e.body, '$.appliance') AS appliance,
         coalesce(json_extract(e.body, '$.foreseeable'), 0) AS foreseeable, json_extract(e.body, '$.tier') AS tier,
         e.person, e.at_ms, @instant(e.at_ms) AS at, e.fact, e.doc AS job
    FROM p_event e JOIN p_job j ON j.doc = e.doc WHERE e.kind = 'part';

-- A repair over the counter (D-E4).
CREATE VIEW v_counter AS
  SELECT @uuid(j.id) AS doc, j.code, j.outlet, j.product,
         c.handed_in_ms, @instant(c.handed_in_ms) AS handed_in_at,
         c.ready_ms, @instant(c.ready_ms) AS ready_at,
         c.collected_ms, @instant(c.collected_ms) AS collected_at,
         (c.ready_ms - c.handed_in_ms) / 60000 AS turnaround_min, c.lent, c.returned, c.doc AS job
    FROM (SELECT doc, min(CASE kind WHEN 'handed_in' THEN at_ms END) AS handed_in_ms,
                 max(CASE kind WHEN 'ready' THEN at_ms END) AS ready_ms,
                 max(CASE kind WHEN 'collected' THEN at_ms END) AS collected_ms,
                 sum(kind = 'loaned') AS lent, sum(kind = 'loan_returned') AS returned
            FROM p_event WHERE kind IN ('handed_in', 'ready', 'collected', 'loaned', 'loan_returned')
           GROUP BY doc) c JOIN p_job j ON j.doc = c.doc;

-- A fault that was found, beside what was guessed (D-H16, D-H17, D-E5).
CREATE VIEW v_fault AS
  SELECT @uuid(j.id) AS doc, j.code, j.outlet, j.product,
         (SELECT json_extract(d.body, '$.fault') FROM p_event d WHERE d.doc = e.doc AND d.kind = 'diagnosed'
           ORDER BY d.pos DESC LIMIT 1) AS guessed,
         json_extract(e.body, '$.fault') AS found, json_extract(e.body, '$.cause') AS cause,
         json_extract(e.body, '$.cause') IN ('misuse') AS misuse,
         json_extract(e.body, '$.cause') IN ('none') AS no_fault,
         json_extract(e.body, '$.appliance') AS appliance, e.person, e.at_ms,
         @instant(e.at_ms) AS at, e.fact, e.doc AS job, c.model
    FROM p_event e JOIN p_job j ON j.doc = e.doc LEFT JOIN p_course c ON c.doc = e.doc WHERE e.kind = 'found';

-- Money taken (D-E9): `minor` in the currency's smallest unit.
CREATE VIEW v_charge AS
  SELECT @uuid(j.id) AS doc, j.code, j.outlet,
         json_extract(e.body, '$.item') AS item, json_extract(e.body, '$.minor') AS minor,
         json_extract(e.body, '$.currency') AS currency, coalesce(json_extract(e.body, '$.qty'), 1) AS qty,
         e.person, e.at_ms, @instant(e.at_ms) AS at, e.fact, e.doc AS job
    FROM p_event e JOIN p_job j ON j.doc = e.doc WHERE e.kind = 'charged';

-- What a job draws on, and whether it is covered (D-E10).
CREATE VIEW v_cover AS
  SELECT @uuid(j.id) AS doc, j.code, c.need, c.covered, c.until, c.why, c.doc AS job
    FROM p_cover c JOIN p_job j ON j.doc = c.doc;

-- How old an appliance was when the request came (D-E11).
CREATE VIEW v_age AS
  SELECT @uuid(j.id) AS doc, j.code, j.product, j.outlet, a.bought, a.age_days, a.paid, j.received_ms, a.doc AS job, c.model
    FROM p_age a JOIN p_job j ON j.doc = a.doc LEFT JOIN p_course c ON c.doc = a.doc;

-- A coverage that was agreed on (D-H10, D-E10).
CREATE VIEW v_coverage AS
  SELECT @uuid(d.doc) AS doc, substr(d.code, 1, 8) AS code, json_extract(e.body, '$.what') AS what,
         json_extract(e.body, '$.from') AS from_day, json_extract(e.body, '$.until') AS until_day,
         coalesce(json_extract(e.body, '$.life'), 0) AS life, json_extract(e.body, '$.product') AS product,
         json_extract(e.body, '$.serial') AS serial, json_extract(e.body, '$.level') AS level,
         json_extract(e.body, '$.outlet') AS outlet, json_extract(e.body, '$.technician') AS technician,
         json_extract(e.body, '$.inspect_months') AS inspect_months,
         EXISTS (SELECT 1 FROM p_event x WHERE x.doc = e.doc AND x.kind = 'ended'
                   AND json_extract(x.body, '$.coverage') = e.fact) AS ended, e.fact
    FROM p_event e JOIN doc d ON d.id = e.doc WHERE e.kind = 'coverage';
