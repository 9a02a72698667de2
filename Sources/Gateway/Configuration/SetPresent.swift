/// Sets what a file has.
func set<Value>(_ place: inout Value, _ value: Value?) {
    if let value { place = value }
}
