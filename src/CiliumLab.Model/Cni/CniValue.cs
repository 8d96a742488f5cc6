namespace CiliumLab.Model;

/// <summary>A value that a release of a CNI's chart was given, or that its chart has by default.</summary>
public sealed record CniValue
{
    /// <summary>The CNI.</summary>
    public required CniKind Name { get; init; }

    /// <summary>The value's dotted key, as <c>-Value</c> of Install-Cni takes it.</summary>
    public required string Key { get; init; }

    /// <summary>The value: a text, a whole number, a <see cref="double"/>, a Boolean, an array of these, an empty dictionary, or null.</summary>
    public object? Value { get; init; }

    /// <summary>Whether it was given when the release was installed; otherwise it is the chart's default.</summary>
    public bool Given { get; init; }
}
