// SPDX-License-Identifier: MIT
//! The same for Rust: panics that are caught, closures, traits, threads, deep recursion.
use std::collections::{BTreeMap, HashMap};
use std::panic::{catch_unwind, AssertUnwindSafe};

trait Shape {
    fn grow(&self, depth: usize) -> Vec<String>;
}

struct Left(Box<usize>);
struct Right(String);

impl Shape for Left {
    fn grow(&self, depth: usize) -> Vec<String> {
        (0..depth).map(|n| format!("{}{}", n, self.0)).collect()
    }
}

impl Shape for Right {
    fn grow(&self, depth: usize) -> Vec<String> {
        let mut all = Vec::new();
        for n in 0..depth {
            all.push(self.0.clone() + &n.to_string());
        }
        all
    }
}

struct Loud(Vec<u8>);

impl Drop for Loud {
    fn drop(&mut self) {
        self.0 = vec![1; 10 + self.0.len()];
    }
}

#[inline(never)]
fn descend(depth: usize) -> usize {
    let held = Loud(vec![0; depth + 1]);
    if depth == 0 {
        if held.0.len() == 1 {
            std::panic::resume_unwind(Box::new("bottom"));
        }
        return 0;
    }
    descend(depth - 1) + held.0.len()
}

fn work(seed: usize) -> usize {
    let shapes: Vec<Box<dyn Shape>> = vec![Box::new(Left(Box::new(seed))), Box::new(Right("r".into()))];
    let mut map: HashMap<String, usize> = HashMap::new();
    let mut tree = BTreeMap::new();
    for shape in &shapes {
        for (n, text) in shape.grow(50).into_iter().enumerate() {
            *map.entry(text.clone()).or_insert(0) += n;
            tree.insert(n * 31 % 17, text);
        }
    }
    let mut words: Vec<_> = map.keys().cloned().collect();
    words.sort_by_key(|word| word.len().to_string() + word);
    let caught = (0..30).filter(|&n| catch_unwind(AssertUnwindSafe(|| descend(n))).is_err()).count();
    words.len() + tree.len() + caught
}

fn main() {
    let threads: Vec<_> = (0..3).map(|n| std::thread::spawn(move || work(n))).collect();
    let sum: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    println!("{}", sum + work(9));
}
