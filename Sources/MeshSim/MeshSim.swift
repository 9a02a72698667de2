@main struct MeshSim { static func main() {} }
