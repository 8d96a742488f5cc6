using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace CiliumLab.Model;

/// <summary>
/// Labels as Cilium writes them, <c>source:key[=value]</c>: a dictionary from <c>source:key</c> (or <c>key</c> alone) to the value, in
/// the order in which they were read. Two sets are equal when they hold the same labels.
/// </summary>
public sealed class LabelDictionary : IReadOnlyDictionary<string, string>, IEquatable<LabelDictionary>
{
    /// <summary>No labels.</summary>
    public static LabelDictionary Empty { get; } = new();

    /// <summary>The labels as they are written, such as <c>k8s:app=webpod</c>.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <inheritdoc/>
    public int Count => Texts.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => Texts.Select(KeyOf);

    /// <inheritdoc/>
    public IEnumerable<string> Values => Texts.Select(ValueOf);

    /// <summary>The value of a label; empty for one that has none.</summary>
    /// <param name="key">The key with its source, as <c>k8s:app</c>, or without, as <c>app</c>.</param>
    /// <exception cref="KeyNotFoundException">There is no such label.</exception>
    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no label '{key}'.");

    /// <summary>Makes a set of labels as they are written.</summary>
    public static LabelDictionary Of(params IEnumerable<string> labels)
    {
        IReadOnlyList<string> texts = [.. labels];
        return texts.Count == 0 ? Empty : new LabelDictionary { Texts = texts };
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => TryGetValue(key, out _);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        var found = Texts.FirstOrDefault(text => KeyOf(text) == key) ?? Texts.FirstOrDefault(text => BareKeyOf(text) == key);
        value = found is null ? null : ValueOf(found);
        return found is not null;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() =>
        Texts.Select(static text => KeyValuePair.Create(KeyOf(text), ValueOf(text))).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(LabelDictionary? other) =>
        other is not null && Texts.Count == other.Texts.Count && Texts.Order(StringComparer.Ordinal).SequenceEqual(other.Texts.Order(StringComparer.Ordinal));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LabelDictionary);

    /// <inheritdoc/>
    public override int GetHashCode() => Texts.Aggregate(0, static (hash, text) => hash ^ StringComparer.Ordinal.GetHashCode(text));

    /// <summary>The labels as they are written, with blanks between them.</summary>
    public override string ToString() => string.Join(' ', Texts);

    private static int EndOfKey(string text) => text.IndexOf('=', StringComparison.Ordinal) is >= 0 and var end ? end : text.Length;

    private static string KeyOf(string text) => text[..EndOfKey(text)];

    private static string BareKeyOf(string text) => KeyOf(text) is var key && key.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? key[(colon + 1)..] : key;

    private static string ValueOf(string text) => EndOfKey(text) is var end && end < text.Length ? text[(end + 1)..] : "";
}
