using System.Globalization;

namespace CiliumLab.Simulator.Life;

/// <summary>What strace was asked for.</summary>
internal sealed class StraceOptions
{
    private const string WithValue = "abeEIoOpPsSuUX";
    private const string Known = "aceCDdefFhIikKnoOpPqrsStTuUvVwxXyYzZ";
    private const int Column = 40;
    private const int Bytes = 32;

    /// <summary>What is wrong with the words, or is not simulated; null when nothing.</summary>
    public string? Complaint { get; private set; }

    /// <summary>The program and its arguments.</summary>
    public IReadOnlyList<string> Command { get; private set; } = [];

    /// <summary>-c and -C: the table at the end.</summary>
    public bool Counts { get; private set; }

    /// <summary>No lines: -c without -C.</summary>
    public bool OnlyCounts { get; private set; }

    /// <summary>-w: the table has the time between begin and end, not the processor's.</summary>
    public bool CountsWaiting { get; private set; }

    /// <summary>-S.</summary>
    public string SortedBy { get; private set; } = "time";

    /// <summary>-f.</summary>
    public bool Follows { get; private set; }

    /// <summary>How many -q.</summary>
    public int Quiet { get; private set; }

    /// <summary>How many -t.</summary>
    public int Times { get; private set; }

    /// <summary>-r.</summary>
    public bool Relative { get; private set; }

    /// <summary>-T.</summary>
    public bool Durations { get; private set; }

    /// <summary>How many -y.</summary>
    public int Names { get; private set; }

    /// <summary>-s.</summary>
    public int StringLimit { get; private set; } = Bytes;

    /// <summary>-a: where results begin.</summary>
    public int ResultColumn { get; private set; } = Column;

    /// <summary>-o; null for standard error.</summary>
    public string? Path { get; private set; }

    /// <summary>-p: processes that run already.</summary>
    public List<string> Attached { get; } = [];

    /// <summary>-e trace=: null for all calls.</summary>
    public IReadOnlySet<string>? Calls { get; private set; }

    /// <summary>Reads the words behind the program's name.</summary>
    public static StraceOptions Read(IReadOnlyList<string> words)
    {
        var options = new StraceOptions();
        var at = 0;
        while (options.Complaint is null && at < words.Count && words[at] is ['-', _, ..] word)
        {
            at++;
            if (word == "--")
                break;
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                var split = word.IndexOf('=', StringComparison.Ordinal);
                options.TakeLong(split < 0 ? word : word[..split], split < 0 ? null : word[(split + 1)..], word);
                continue;
            }

            for (var letter = 1; letter < word.Length && options.Complaint is null; letter++)
            {
                if (!WithValue.Contains(word[letter], StringComparison.Ordinal))
                {
                    options.Take(word[letter], "");
                    continue;
                }

                var value = letter + 1 < word.Length ? word[(letter + 1)..] : at < words.Count ? words[at++] : null;
                if (value is null)
                    options.Complaint = Usage($"option requires an argument -- '{word[letter]}'");
                else
                    options.Take(word[letter], value);
                break;
            }
        }

        options.Command = [.. words.Skip(at)];
        if (options.Complaint is null && options.Command.Count == 0 && options.Attached.Count == 0)
            options.Complaint = Usage("must have PROG [ARGS] or -p PID");
        return options;
    }

    private static string Usage(string text) => $"strace: {text}\nTry 'strace -h' for more information.";

    private void TakeLong(string name, string? value, string word)
    {
        char? letter = name switch
        {
            "--trace" when value is not null => 'e',
            "--output" when value is not null => 'o',
            "--string-limit" when value is not null => 's',
            "--attach" when value is not null => 'p',
            "--summary-sort-by" when value is not null => 'S',
            "--columns" when value is not null => 'a',
            "--follow-forks" => 'f',
            "--summary-only" => 'c',
            "--summary" => 'C',
            "--summary-wall-clock" => 'w',
            "--syscall-times" when value is null => 'T',
            "--quiet" when value is null => 'q',
            _ => null,
        };
        if (letter is { } known)
            Take(known, value ?? "");
        else if (word is "--decode-fds" or "--decode-fds=path")
            Names = 1;
        else if (word == "--decode-fds=all")
            Names = 2;
        else
            Complaint = $"strace: {word} is not simulated";
    }

    private void Take(char letter, string value)
    {
        switch (letter)
        {
            case 'c':
                (Counts, OnlyCounts) = (true, true);
                break;
            case 'C':
                Counts = true;
                break;
            case 'w':
                CountsWaiting = true;
                break;
            case 'f' or 'F':
                Follows = true;
                break;
            case 'q':
                Quiet++;
                break;
            case 't':
                Times++;
                break;
            case 'r':
                Relative = true;
                break;
            case 'T':
                Durations = true;
                break;
            case 'y':
                Names++;
                break;
            case 's' or 'a' when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number):
                _ = letter == 's' ? StringLimit = number : ResultColumn = number;
                break;
            case 's' or 'a':
                Complaint = Usage($"invalid -{letter} argument: '{value}'");
                break;
            case 'o':
                Path = value;
                Complaint = value.StartsWith('|') || value.StartsWith('!') ? "strace: output to another program is not simulated" : null;
                break;
            case 'p':
                Attached.Add(value);
                break;
            case 'S':
                SortedBy = value;
                Complaint = StraceSummary.Orders.Contains(value) ? null : Usage($"invalid sortby: '{value}'");
                break;
            case 'e':
                (Calls, Complaint) = StraceFilter.Read(value);
                break;
            default:
                Complaint = Known.Contains(letter, StringComparison.Ordinal) ? $"strace: -{letter} is not simulated" : Usage($"invalid option -- '{letter}'");
                break;
        }
    }
}
