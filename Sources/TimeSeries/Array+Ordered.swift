extension Array where Element: Comparable {
    /// The first place whose element is not less, in an array that is in order.
    func place(of element: Element) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
