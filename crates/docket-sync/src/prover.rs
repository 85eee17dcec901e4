//! Proofs of seals' leaves in pages, at a device that pushes and at a relay that answers.

use std::collections::BTreeMap;

use docket_format::merkle::Known;

use crate::judge::Proof;

/// Trees of large seals that are kept while one push or answer is made.
const TREES: usize = 4;

/// Makes proofs for the pages of one push or answer: trees of large seals are computed once. `K` names a seal.
#[derive(Debug, Default)]
pub struct Prover<K = u32> {
    trees: BTreeMap<K, Known>,
}

impl<K: Ord + Copy> Prover<K> {
    /// The proof of these leaves (ascending, each once) of a seal of `size` leaves. `load` reads what is known of its
    /// tree and is not asked when all leaves are there. `None` if too little is known.
    pub fn prove<E>(
        &mut self,
        seal: K,
        size: u64,
        picked: &[u64],
        load: impl Fn() -> Result<Known, E>,
    ) -> Result<Option<Proof>, E> {
        if picked.len() as u64 == size {
            return Ok(Some(Proof::Complete));
        }
        // What is kept may be older than the leaf: somebody may have brought it since.
        if let Some(proof) = self.trees.get_mut(&seal).and_then(|tree| tree.prove(picked)) {
            return Ok(Some(Proof::Together(proof)));
        }
        if self.trees.len() >= TREES && !self.trees.contains_key(&seal) {
            self.trees.pop_first();
        }
        let mut tree = load()?;
        let proof = tree.prove(picked);
        self.trees.insert(seal, tree);
        Ok(proof.map(Proof::Together))
    }
}
