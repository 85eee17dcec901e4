//! The domain's promises, each test named after its row of DOMAIN.md or the design's section.

#[cfg(test)]
mod authority;
#[cfg(test)]
mod checklists;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod contradictions;
#[cfg(test)]
mod corrections;
#[cfg(test)]
mod dispatch;
#[cfg(test)]
mod five;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod grades;
#[cfg(test)]
mod late_work;
#[cfg(test)]
mod modes;
#[cfg(test)]
mod order;
#[cfg(test)]
mod permutation;
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
