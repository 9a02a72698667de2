/// A key of the keyboard.
package struct BrowserKey: Sendable {
    /// As `KeyboardEvent.key` says it.
    var name: String
    /// As `KeyboardEvent.keyCode` says it.
    var code: Int
    /// What it writes.
    var text: String?
    /// The bit of the key that is held meanwhile: 8 for Shift.
    var modifiers = 0

    package static let tab = BrowserKey(name: "Tab", code: 9)
    package static let backTab = BrowserKey(name: "Tab", code: 9, modifiers: 8)
    package static let enter = BrowserKey(name: "Enter", code: 13, text: "\r")
    package static let escape = BrowserKey(name: "Escape", code: 27)
    package static let space = BrowserKey(name: " ", code: 32, text: " ")
    package static let left = BrowserKey(name: "ArrowLeft", code: 37)
    package static let up = BrowserKey(name: "ArrowUp", code: 38)
    package static let right = BrowserKey(name: "ArrowRight", code: 39)
    package static let down = BrowserKey(name: "ArrowDown", code: 40)

    /// The key that writes a character.
    package static func character(_ character: Character) -> BrowserKey {
        // Only letters and digits have their character's number: 40 is `(`, but a key down too.
        let isPlain = character.isASCII && (character.isLetter || character.isNumber)
        let code = isPlain ? character.uppercased().utf8.first.map { Int($0) } ?? 0 : 0
        return BrowserKey(name: String(character), code: code, text: String(character))
    }
}

extension BrowserPage {
    /// Presses a key and lets it go.
    package func press(_ key: BrowserKey) async throws {
        var event: [String: BrowserValue] = [
            "type": key.text == nil ? "rawKeyDown" : "keyDown", "key": .text(key.name),
            "windowsVirtualKeyCode": .number(Double(key.code)),
            "modifiers": .number(Double(key.modifiers)),
        ]
        event["text"] = key.text.map { .text($0) }
        try await call("Input.dispatchKeyEvent", .object(event))
        event["type"] = "keyUp"
        event["text"] = nil
        try await call("Input.dispatchKeyEvent", .object(event))
    }

    /// Types a text, key by key.
    package func type(_ text: String) async throws {
        for character in text { try await press(.character(character)) }
    }

    /// Presses a key until an expression is true. False when it is not after so many times.
    package func press(_ key: BrowserKey, until expression: String, atMost limit: Int) async throws
        -> Bool
    {
        for _ in 0..<limit {
            if try await evaluate("Boolean(\(expression))") == true { return true }
            try await press(key)
        }
        return try await evaluate("Boolean(\(expression))") == true
    }

    /// Clicks in the middle of the first element that a selector names, once it is there and where
    /// a click reaches it.
    package func click(_ selector: String) async throws {
        let place = try await wait(
            until: """
                (() => {
                    const element = document.querySelector(\(BrowserValue.text(selector).written));
                    if (!element) return null;
                    element.scrollIntoView({block: 'center', inline: 'center'});
                    const box = element.getBoundingClientRect();
                    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
                    const hit = document.elementFromPoint(x, y);
                    return hit && (element.contains(hit) || hit.contains(element)) ? {x, y} : null;
                })()
                """)
        for type in ["mouseMoved", "mousePressed", "mouseReleased"] {
            try await call(
                "Input.dispatchMouseEvent",
                [
                    "type": .text(type), "x": place["x"], "y": place["y"], "button": "left",
                    "clickCount": 1,
                ])
        }
    }
}
