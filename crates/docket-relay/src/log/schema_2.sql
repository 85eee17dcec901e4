-- Schema 2: bits stood for leaves that were shown, though no entry may hold them. Which ones entries hold is learnt anew:
-- a leaf that is offered again may stand in a second entry.
DELETE FROM seal_shown;
