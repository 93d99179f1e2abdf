//! Answers added up by advisor and in all, as they may be told: whatever comes
//! from fewer than five answers is not. Nor is a total from which the rest of
//! it could be worked out: what is kept back must be five answers together, or
//! nothing at all.

use super::Counted;
use mitblick_protocol::rating::{Rating, Solved};
use std::{collections::BTreeMap, io::Write};

/// Smaller numbers are not told: they would speak of single people.
pub(crate) const FEWEST: u64 = 5;

/// To the nearest multiple.
pub(crate) fn rounded(count: u64, to: u64) -> u64 {
    count.saturating_add(to / 2) / to * to
}

/// Whether it is told that it is few, and not how many.
pub(crate) fn is_few(count: u64) -> bool {
    (1..FEWEST).contains(&count)
}

/// Answers added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    yes: u64,
    partly: u64,
    no: u64,
    /// Grades given, and all of them together.
    graded: u64,
    grades: u64,
}

impl Sum {
    fn add(&mut self, rating: Rating, count: u64) {
        match rating {
            Rating::Solved(Solved::Yes) => self.yes = self.yes.saturating_add(count),
            Rating::Solved(Solved::Partly) => self.partly = self.partly.saturating_add(count),
            Rating::Solved(Solved::No) => self.no = self.no.saturating_add(count),
            Rating::Grade(grade) => {
                self.graded = self.graded.saturating_add(count);
                self.grades = self.grades.saturating_add(count.saturating_mul(grade.number().into()));
            }
        }
    }

    fn asked(self) -> u64 {
        self.yes.saturating_add(self.partly).saturating_add(self.no)
    }

    /// How many of a hundred.
    fn percent(self, of: u64) -> Option<u64> {
        let asked = self.asked();
        of.saturating_mul(100).saturating_add(asked / 2).checked_div(asked).filter(|_| asked >= FEWEST)
    }

    fn mean_tenths(self) -> Option<u64> {
        let tenths = self.grades.saturating_mul(10).saturating_add(self.graded / 2).checked_div(self.graded);
        tenths.filter(|_| self.graded >= FEWEST)
    }

    /// `kept_back` are those parts of it that are too small to be told.
    fn told(self, kept_back: Self) -> Told {
        let count = |count, kept_back| match (count, kept_back) {
            (0, _) => Count::Exact(0),
            (few, _) if is_few(few) => Count::Few,
            (many, 0) => Count::Exact(many),
            (many, _) => Count::Exact(rounded(many, FEWEST)),
        };
        let (asked, graded) = (kept_back.asked(), kept_back.graded);
        Told {
            answers: count(self.asked(), asked),
            solved_percent: self.percent(self.yes).filter(|_| !is_few(asked)),
            partly_percent: self.percent(self.partly).filter(|_| !is_few(asked)),
            grades: count(self.graded, graded),
            mean_tenths: self.mean_tenths().filter(|_| !is_few(graded)),
        }
    }
}

/// A number, or that it is from 1 to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    Exact(u64),
    Few,
}

/// What is told; `None` is of too few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// Answers whether the problem was solved.
    pub(crate) answers: Count,
    pub(crate) solved_percent: Option<u64>,
    pub(crate) partly_percent: Option<u64>,
    /// Grades from 1 to 5.
    pub(crate) grades: Count,
    /// Their mean, in tenths.
    pub(crate) mean_tenths: Option<u64>,
}

/// What customers answered in a span of days.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    advisors: BTreeMap<String, Sum>,
    all: Sum,
}

impl Sums {
    pub(crate) fn of(counted: &[Counted]) -> Self {
        let mut sums = Self::default();
        for counted in counted {
            sums.all.add(counted.rating, counted.count);
            sums.advisors.entry(counted.advisor.clone()).or_default().add(counted.rating, counted.count);
        }
        sums
    }

    /// By advisor.
    pub(crate) fn advisors(&self) -> impl Iterator<Item = (&str, Told)> {
        self.advisors.iter().map(|(name, sum)| (name.as_str(), sum.told(Sum::default())))
    }

    /// Of all together.
    pub(crate) fn all(&self) -> Told {
        let mut kept_back = Sum::default();
        for sum in self.advisors.values() {
            if is_few(sum.asked()) {
                kept_back.yes += sum.yes;
                kept_back.partly += sum.partly;
                kept_back.no += sum.no;
            }
            if is_few(sum.graded) {
                kept_back.graded += sum.graded;
            }
        }
        self.all.told(kept_back)
    }

    /// As CSV with a line of headings and one for each advisor; the line of the
    /// total has no name.
    pub(crate) fn csv(&self, to: &mut impl Write) -> Result<(), csv::Error> {
        let count = |count| match count {
            Count::Exact(count) => count.to_string(),
            Count::Few => "1-4".to_owned(),
        };
        let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        let mut writer = csv::Writer::from_writer(to);
        writer.write_record(["advisor", "answers", "solved_percent", "partly_percent", "grades", "mean"])?;
        for (name, told) in self.advisors().chain([("", self.all())]) {
            let mean = told.mean_tenths.map(|tenths| format!("{}.{}", tenths / 10, tenths % 10)).unwrap_or_default();
            let (solved, partly) = (number(told.solved_percent), number(told.partly_percent));
            let (answers, grades) = (count(told.answers), count(told.grades));
            writer.write_record([name, &answers, &solved, &partly, &grades, &mean])?;
        }
        writer.flush()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use mitblick_protocol::rating::Grade;

    fn counted(advisor: &str, rating: Rating, count: u64) -> Counted {
        Counted { day: date(2026, 3, 10), advisor: advisor.into(), rating, count }
    }

    fn solved(advisor: &str, yes: u64, partly: u64, no: u64) -> [Counted; 3] {
        let answers = [(Solved::Yes, yes), (Solved::Partly, partly), (Solved::No, no)];
        answers.map(|(solved, count)| counted(advisor, Rating::Solved(solved), count))
    }

    #[test]
    fn answers_are_added_up_by_advisor_and_in_all() {
        let mut all = Vec::from(solved("anna", 6, 2, 2));
        all.extend([
            counted("anna", Rating::Grade(Grade::ALL[4]), 5),
            counted("anna", Rating::Grade(Grade::ALL[1]), 2),
        ]);
        all.extend(solved("berta", 5, 0, 0));
        let sums = Sums::of(&all);
        let anna = Told {
            answers: Count::Exact(10),
            solved_percent: Some(60),
            partly_percent: Some(20),
            grades: Count::Exact(7),
            mean_tenths: Some(41),
        };
        assert_eq!(sums.advisors().next(), Some(("anna", anna)));
        assert_eq!((sums.all().answers, sums.all().solved_percent), (Count::Exact(15), Some(73)));
        let mut csv = Vec::new();
        sums.csv(&mut csv).unwrap();
        let lines = "advisor,answers,solved_percent,partly_percent,grades,mean\nanna,10,60,20,7,4.1\n\
                     berta,5,100,0,0,\n,15,73,13,7,4.1\n";
        assert_eq!(String::from_utf8(csv).unwrap(), lines);
    }

    #[test]
    fn what_few_have_said_is_not_told_and_the_total_does_not_give_it_away() {
        let mut all = Vec::from(solved("anna", 19, 3, 1));
        all.extend(solved("berta", 0, 0, 1));
        all.push(counted("berta", Rating::Grade(Grade::ALL[0]), 4));
        let sums = Sums::of(&all);
        let told: Vec<_> = sums.advisors().collect();
        assert_eq!(told[0].1.solved_percent, Some(83));
        let nothing = Told {
            answers: Count::Few,
            solved_percent: None,
            partly_percent: None,
            grades: Count::Few,
            mean_tenths: None,
        };
        assert_eq!(told[1].1, nothing);
        // With the total's share, and anna's, the one who said no would be known.
        let told = sums.all();
        assert_eq!((told.answers, told.solved_percent, told.mean_tenths), (Count::Exact(25), None, None), "24 in fact");

        // Those who are kept back are five together now.
        all.extend(solved("clara", 4, 0, 0));
        let told = Sums::of(&all).all();
        assert_eq!(
            (told.answers, told.solved_percent, told.mean_tenths),
            (Count::Exact(30), Some(82), None),
            "28 in fact"
        );
    }

    #[test]
    fn of_no_answers_nothing_is_told() {
        let told = Sums::default().all();
        assert_eq!((told.answers, told.solved_percent, told.mean_tenths), (Count::Exact(0), None, None));
    }
}
