using System.Globalization;

namespace CiliumLab.Simulator.Life;

/// <summary>An argument or a result of a system call; how it is shown depends on strace's options.</summary>
internal abstract record CallValue
{
    /// <summary>What looks the same under all options.</summary>
    public static implicit operator CallValue(string text) => new CallText(text);

    /// <summary>A number.</summary>
    public static implicit operator CallValue(int number) => new CallText(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>An address in memory.</summary>
    public static CallValue At(ulong address) => address == 0 ? "NULL" : string.Create(CultureInfo.InvariantCulture, $"0x{address:x}");

    /// <summary>Bytes that the program reads or writes.</summary>
    public static CallValue Bytes(byte[] bytes) => new CallBytes(bytes);

    /// <summary>A name of a file, and other text that ends with a zero byte.</summary>
    public static CallValue Name(string text) => new CallBytes(System.Text.Encoding.UTF8.GetBytes(text)) { IsWhole = true };

    /// <summary>Values that stand together as one.</summary>
    public static CallValue Together(params IReadOnlyList<CallValue> parts) => new CallParts(parts);
}

/// <summary>What looks the same under all options.</summary>
/// <param name="Text">As strace prints it.</param>
internal sealed record CallText(string Text) : CallValue;

/// <summary>A descriptor.</summary>
/// <param name="Number">Its number.</param>
/// <param name="File">What it stood for at that moment; null when nothing was open under the number.</param>
internal sealed record CallDescriptor(int Number, OpenFile? File) : CallValue;

/// <summary>Bytes.</summary>
/// <param name="Content">All of them.</param>
internal sealed record CallBytes(ReadOnlyMemory<byte> Content) : CallValue
{
    /// <summary>Whether it is a name, which -s does not shorten.</summary>
    public bool IsWhole { get; init; }
}

/// <summary>Values that stand together as one.</summary>
/// <param name="Parts">In order.</param>
internal sealed record CallParts(IReadOnlyList<CallValue> Parts) : CallValue;

/// <summary>What a descriptor stands for.</summary>
/// <param name="Name">As -y tells it: a path, or <c>socket:[n]</c>.</param>
/// <param name="Details">As -yy tells it: <c>TCP:[10.0.0.1:40000->10.96.0.10:80]</c>.</param>
internal sealed record OpenFile(string Name, string Details);

/// <summary>A system call that a program made.</summary>
/// <param name="ProcessId">Who made it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Began">When.</param>
internal sealed record SystemCallEntry(int ProcessId, string Name, IReadOnlyList<CallValue> Arguments, DateTimeOffset Began)
{
    /// <summary>What came of it, if it did not fail.</summary>
    public CallValue Result { get; init; } = 0;

    /// <summary>Its error with the library's words for it; null when it did not fail.</summary>
    public string? Error { get; init; }

    /// <summary>The processor's time that the kernel spent on it.</summary>
    public TimeSpan Cost { get; init; }

    /// <summary>From its begin to its end, with the time that it slept.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Whether it ends the process, and so never returns.</summary>
    public bool IsLast => Name is "exit_group" or "exit";
}
