import Glibc

/// How a series goes: the value at the scrape of this number, nil where there is none.
typealias Shape = (Int, inout Dice) -> Double?

/// The ways that series go. Each call makes a series of its own.
enum Shapes {
    static func constant(_ value: Double) -> Shape { { _, _ in value } }

    /// A whole number that grows, from zero again at each of the resets.
    static func counter(perScrape: Double, resets: Set<Int> = [], from start: Double = 0) -> Shape {
        var total = start
        return { scrape, dice in
            if resets.contains(scrape) { total = 0 }
            total += (dice.fraction() * 2 * perScrape).rounded()
            return total
        }
    }

    /// A counter of seconds, which are no whole numbers.
    static func seconds(perScrape: Double, resets: Set<Int> = []) -> Shape {
        var total = 0.0
        return { scrape, dice in
            if resets.contains(scrape) { total = 0 }
            total += dice.fraction() * 2 * perScrape
            return total
        }
    }

    /// A wave with noise.
    static func gauge(around middle: Double, swing: Double, noise: Double) -> Shape {
        var phase: Double?
        return { scrape, dice in
            let begin = phase ?? dice.fraction() * 6.28
            phase = begin
            return middle + swing * sin(begin + Double(scrape) / 19)
                + noise * (dice.fraction() - 0.5)
        }
    }

    /// A small whole number that stays for a while.
    static func level(_ levels: Int) -> Shape {
        var level: Int?
        return { _, dice in
            if level == nil || dice.whole(below: 12) == 0 { level = dice.whole(below: levels) }
            return Double(level ?? 0)
        }
    }

    /// Only in these scrapes.
    static func only(_ scrapes: [Range<Int>], _ shape: @escaping Shape) -> Shape {
        { scrape, dice in
            let value = shape(scrape, &dice)
            return scrapes.contains { $0.contains(scrape) } ? value : nil
        }
    }
}
