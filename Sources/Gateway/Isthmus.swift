@main struct Isthmus { static func main() {} }
