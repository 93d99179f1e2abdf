//! Tiles that touch each other.

use alloc::{vec, vec::Vec};

/// Groups the marked tiles of a grid: those that touch, edges and corners, are
/// together. Tiles are numbered row by row.
pub(crate) fn clusters(mut marked: Vec<bool>, columns: u32) -> Vec<Vec<u32>> {
    let columns = columns.max(1);
    let mut found = Vec::new();
    while let Some(start) = marked.iter().position(|&is_marked| is_marked) {
        let mut cluster = Vec::new();
        let mut next = vec![start as u32];
        while let Some(number) = next.pop() {
            match marked.get_mut(number as usize) {
                Some(is_marked) if *is_marked => *is_marked = false,
                _ => continue,
            }
            cluster.push(number);
            let (column, row) = (number % columns, number / columns);
            for row in row.saturating_sub(1)..=row + 1 {
                let side = column.saturating_sub(1)..=(column + 1).min(columns - 1);
                next.extend(side.map(|column| row * columns + column));
            }
        }
        found.push(cluster);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_that_touch_at_a_corner_are_together_and_the_edges_of_rows_are_not() {
        let marked = "#..# .#.. #... ...#".chars().filter(|c| *c != ' ').map(|c| c == '#').collect();
        let mut found = clusters(marked, 4);
        found.iter_mut().for_each(|cluster| cluster.sort_unstable());
        assert_eq!(found, [vec![0, 5, 8], vec![3], vec![15]]);
        assert!(clusters(Vec::new(), 0).is_empty());
    }
}
