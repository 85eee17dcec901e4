//! The domain's promises, each test named after its row of DOMAIN.md or the design's section.

#[cfg(test)]
mod after;
#[cfg(test)]
mod authority;
#[cfg(test)]
mod care;
#[cfg(test)]
mod checklists;
#[cfg(test)]
mod clock_evidence;
mod clock_properties;
#[cfg(test)]
mod clock_rows;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod contradictions;
#[cfg(test)]
mod corrections;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod dispatch;
#[cfg(test)]
mod every_kind;
#[cfg(test)]
mod five;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod goods;
#[cfg(test)]
mod grades;
#[cfg(test)]
mod held;
#[cfg(test)]
mod intake;
#[cfg(test)]
mod late_work;
#[cfg(test)]
mod modes;
#[cfg(test)]
mod money;
#[cfg(test)]
mod order;
#[cfg(test)]
mod outlet;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod permutation;
#[cfg(test)]
mod projects;
#[cfg(test)]
mod registers;
#[cfg(test)]
mod snapshot;
#[cfg(test)]
mod status;
#[cfg(test)]
mod story;
#[cfg(test)]
mod whole_set;
