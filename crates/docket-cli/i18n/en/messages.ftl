### Messages of the command line, by key. i18n/zh/messages.ftl has the same keys with the same values.

## docket as
as-choose-pin = A new PIN for { $person }:
as-repeat-pin = Once more:
as-type-pin = PIN of { $person }:
as-until = { $person } works on this device until { $until }
as-own = { $person } works on this device, its own person
as-locked = locked: { $why }
as-nobody = the roster does not say whose device this is
as-pin-set = set
as-pin-unset = not set yet
as-no-attempts = no attempts

## docket roster
roster-shares = shares the device
roster-shared = { $person } may work on { $device } as { $role }; hand out a bundle so that it learns of it
roster-unshared = { $person } may not work on { $device } any longer; hand out a bundle so that it learns of it

## docket today
today-none = no open jobs for { $person }
today-today = Today
today-later = Later
today-done = Done today
today-travelling = travelling since { $since }
today-on-site = on site since { $since }
today-paused = paused since { $since }: { WORD($why) }

## docket job reassign
reassign-done = { $count ->
    [one] one job is { $to }'s now
   *[other] { $count } jobs are { $to }'s now
  }
reassign-would = { $count ->
    [one] one job would be { $to }'s
   *[other] { $count } jobs would be { $to }'s
  }
reassign-left = stays: { $why }

## docket customer
duplicates-none = no customers that may be one
duplicates-more = { $shown } of { $total } pairs; --limit 0 shows all
customer-linked-already = { $one } and { $other } are one already
customer-alone = { $one } stands alone
customer-group = { $count } documents, one customer
