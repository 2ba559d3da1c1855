// SPDX-License-Identifier: MIT
// A Rust program, for its debug information: generic code of the standard library over types of its own.

use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::fmt::{self, Debug, Display};
use std::hash::Hash;
use std::rc::Rc;
use std::sync::{mpsc, Arc, Mutex};

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Shape {
    Point,
    Line { from: u32, to: u32 },
    Text(String),
    Many(Vec<Shape>),
}

impl Display for Shape {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Shape::Point => write!(out, "."),
            Shape::Line { from, to } => write!(out, "{from}-{to}"),
            Shape::Text(text) => write!(out, "{text:>8}"),
            Shape::Many(all) => all.iter().try_for_each(|one| write!(out, "{one} ")),
        }
    }
}

trait Source {
    type Item: Clone + Debug + Ord + Hash;
    fn make(&self, n: u32) -> Self::Item;
}

struct Numbers;
struct Words;
struct Shapes;

impl Source for Numbers {
    type Item = u64;
    fn make(&self, n: u32) -> u64 {
        u64::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40
    }
}

impl Source for Words {
    type Item = String;
    fn make(&self, n: u32) -> String {
        format!("word {:x}", Numbers.make(n))
    }
}

impl Source for Shapes {
    type Item = Shape;
    fn make(&self, n: u32) -> Shape {
        match n % 4 {
            0 => Shape::Point,
            1 => Shape::Line { from: n, to: n / 2 },
            2 => Shape::Text(Words.make(n)),
            _ => Shape::Many((0..n % 7).map(|k| Shapes.make(k)).collect()),
        }
    }
}

fn collect<S: Source>(source: &S, n: u32) -> usize {
    let all: Vec<S::Item> = (0..n).map(|k| source.make(k)).collect();
    let mut sorted = all.clone();
    sorted.sort();
    sorted.dedup();
    let set: HashSet<_> = all.iter().cloned().collect();
    let mut counts: HashMap<S::Item, usize> = HashMap::new();
    for one in &all {
        *counts.entry(one.clone()).or_insert(0) += 1;
    }
    let tree: BTreeMap<_, _> = counts.iter().map(|(k, v)| (k.clone(), *v)).collect();
    let mut heap: BinaryHeap<_> = all.iter().cloned().collect();
    let mut queue: VecDeque<_> = VecDeque::new();
    while let Some(top) = heap.pop() {
        if queue.len() % 2 == 0 {
            queue.push_back(top);
        } else {
            queue.push_front(top);
        }
    }
    let list: LinkedList<_> = queue.into_iter().rev().collect();
    let text: String = tree.iter().map(|(k, v)| format!("{k:?}={v};")).collect();
    set.len() + sorted.len() + list.len() + text.len()
}

fn in_threads(n: u32) -> usize {
    let total = Arc::new(Mutex::new(0));
    let (send, receive) = mpsc::channel();
    let threads: Vec<_> = (0..n)
        .map(|k| {
            let (total, send) = (Arc::clone(&total), send.clone());
            std::thread::spawn(move || {
                let size = collect(&Shapes, 10 * k);
                *total.lock().unwrap() += size;
                send.send((k, size)).unwrap();
            })
        })
        .collect();
    drop(send);
    for thread in threads {
        thread.join().unwrap();
    }
    let told: usize = receive.iter().map(|(_, size)| size).sum();
    let counted = *total.lock().unwrap();
    told + counted
}

fn parse(text: &str) -> Result<f64, Box<dyn std::error::Error>> {
    let mut sum = 0.0;
    for word in text.split_whitespace() {
        sum += word.trim_matches(',').parse::<f64>()?;
    }
    Ok(sum)
}

fn main() {
    let n = std::env::args().count() as u32 * 50;
    let shared: Rc<dyn Fn(u32) -> usize> = Rc::new(move |k| collect(&Words, k + n));
    println!("{}", shared(1) + collect(&Numbers, n) + in_threads(4));
    println!("{}", Shapes.make(n + 3));
    match parse("1.5, 2, x") {
        Ok(sum) => println!("{sum}"),
        Err(error) => println!("{error}"),
    }
}
