import Glibc

/// The functions of the C library that the standard library lacks; the module's only import of it.
/// Go's own may differ from them in the last digit of transcendental functions.
enum Numbers {
    static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
    static func arcTangent(_ y: Double, _ x: Double) -> Double { atan2(y, x) }
    static func exponential(_ value: Double) -> Double { exp(value) }
    static func logarithm(_ value: Double) -> Double { log(value) }
    static func logarithm2(_ value: Double) -> Double { log2(value) }
    static func logarithm10(_ value: Double) -> Double { log10(value) }
    static func sine(_ value: Double) -> Double { sin(value) }
    static func cosine(_ value: Double) -> Double { cos(value) }
    static func tangent(_ value: Double) -> Double { tan(value) }
    static func arcSine(_ value: Double) -> Double { asin(value) }
    static func arcCosine(_ value: Double) -> Double { acos(value) }
    static func arcTangent(_ value: Double) -> Double { atan(value) }
    static func hyperbolicSine(_ value: Double) -> Double { sinh(value) }
    static func hyperbolicCosine(_ value: Double) -> Double { cosh(value) }
    static func hyperbolicTangent(_ value: Double) -> Double { tanh(value) }
    static func areaSine(_ value: Double) -> Double { asinh(value) }
    static func areaCosine(_ value: Double) -> Double { acosh(value) }
    static func areaTangent(_ value: Double) -> Double { atanh(value) }

    /// The remainder with the sign of `left`.
    static func remainder(_ left: Double, _ right: Double) -> Double {
        left.truncatingRemainder(dividingBy: right)
    }

    /// As Go's `math.Min`: −∞ if either is, else NaN if either is; −0 is less than 0.
    static func lesser(_ left: Double, _ right: Double) -> Double {
        if left == -.infinity || right == -.infinity { return -.infinity }
        if left.isNaN || right.isNaN { return .nan }
        if left == 0, right == 0 { return left.sign == .minus ? left : right }
        return left < right ? left : right
    }

    /// As Go's `math.Max`.
    static func greater(_ left: Double, _ right: Double) -> Double {
        if left == .infinity || right == .infinity { return .infinity }
        if left.isNaN || right.isNaN { return .nan }
        if left == 0, right == 0 { return left.sign == .minus ? right : left }
        return left > right ? left : right
    }
}
