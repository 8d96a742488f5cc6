using System.Globalization;
using System.Text;
using CiliumLab.Simulator.Nodes.Files;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary>What the coreutils print about a file.</summary>
internal static class FileFacts
{
    /// <summary><c>-rw-r--r--</c>.</summary>
    public static string Mode(FileEntry entry)
    {
        var text = new StringBuilder().Append(entry.TypeLetter);
        for (var shift = 6; shift >= 0; shift -= 3)
        {
            var bits = entry.Mode >> shift;
            text.Append((bits & 4) != 0 ? 'r' : '-').Append((bits & 2) != 0 ? 'w' : '-').Append((bits & 1) != 0 ? 'x' : '-');
        }

        return text.ToString();
    }

    /// <summary>How many bytes it says it has.</summary>
    public static long Size(FileEntry entry) => entry switch
    {
        Folder => 4096,
        SymbolicLink link => link.Target.Length,
        RegularFile file => file.Size,
        _ => 0,
    };

    /// <summary>How many names it has.</summary>
    public static int Links(FileEntry entry) => entry is Folder folder ? 2 + folder.Entries.Count(child => child is Folder) : 1;

    /// <summary>The octal permissions.</summary>
    public static string Octal(FileEntry entry) => Convert.ToString(entry.Mode, 8);

    /// <summary>The number of an account.</summary>
    public static int UserId(string name) => NodeUser.Find(name)?.Id ?? 0;

    /// <summary>What stat calls it.</summary>
    public static string Kind(FileEntry entry) => entry switch
    {
        Folder => "directory",
        SymbolicLink => "symbolic link",
        RegularFile { Generate: null } file when file.Size == 0 => "regular empty file",
        RegularFile { Generate: not null } => "regular empty file",
        _ => "regular file",
    };
}

/// <summary><c>ls</c>.</summary>
internal sealed class LsProgram() : ImmediateProgram("/usr/bin/ls", "/bin/ls")
{
    private const int HalfYearDays = 182;

    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "l a|all A|almost-all d|directory 1 h|human-readable R|recursive r|reverse t F S n color color=", exitCode: 2);
        var code = 0;
        var files = new List<(string Name, FileEntry Entry)>();
        var folders = new List<(string Name, Folder Folder)>();
        foreach (var operand in (options.Operands.Count == 0 ? ["."] : options.Operands).Order(StringComparer.Ordinal))
        {
            switch (call.Node.Files.Find(call.PathOf(operand), follow: !options.Has("l")) ?? null)
            {
                case null:
                    code = call.Complain($"ls: cannot access '{operand}': No such file or directory", 2);
                    break;
                case SymbolicLink when call.Node.Files.Find(call.PathOf(operand)) is Folder target && operand.EndsWith('/'):
                    folders.Add((operand, target));
                    break;
                case Folder folder when !options.Has("d"):
                    folders.Add((operand, folder));
                    break;
                case var entry:
                    files.Add((operand, entry));
                    break;
            }
        }

        Print(call, options, files);
        var heading = options.Operands.Count > 1;
        var first = files.Count == 0;
        foreach (var (name, folder) in folders)
        {
            if (heading)
                call.Line($"{(first ? "" : "\n")}{name}:");
            first = false;
            var entries = folder.Entries.Where(entry => options.Has("a") || options.Has("A") || entry.Name[0] != '.').Select(entry => (entry.Name, entry)).ToList();
            if (options.Has("a"))
                entries.InsertRange(0, [(".", folder), ("..", folder)]);
            if (options.Has("l"))
                call.Line($"total {entries.Sum(entry => (FileFacts.Size(entry.entry) + 4095) / 4096 * 4)}");
            Print(call, options, entries);
        }

        return code;
    }

    private static void Print(ProgramCall call, Options options, List<(string Name, FileEntry Entry)> entries)
    {
        if (options.Has("t"))
            entries.Sort((first, second) => second.Entry.ModifiedAt.CompareTo(first.Entry.ModifiedAt));
        if (options.Has("r"))
            entries.Reverse();
        if (!options.Has("l"))
        {
            foreach (var (name, _) in entries)
                call.Line(name);
            return;
        }

        if (entries.Count == 0)
            return;
        var links = entries.Max(entry => FileFacts.Links(entry.Entry).ToString(CultureInfo.InvariantCulture).Length);
        var owner = entries.Max(entry => entry.Entry.Owner.Length);
        var group = entries.Max(entry => entry.Entry.Group.Length);
        var size = entries.Max(entry => Size(options, entry.Entry).Length);
        foreach (var (name, entry) in entries)
        {
            var target = entry is SymbolicLink link ? " -> " + link.Target : "";
            call.Line($"{FileFacts.Mode(entry)} {FileFacts.Links(entry).ToString(CultureInfo.InvariantCulture).PadLeft(links)} {entry.Owner.PadRight(owner)} {entry.Group.PadRight(group)} {Size(options, entry).PadLeft(size)} {Time(call.Now, entry.ModifiedAt)} {name}{target}");
        }
    }

    private static string Size(Options options, FileEntry entry) =>
        options.Has("h") ? SizeText.Human(FileFacts.Size(entry)) : FileFacts.Size(entry).ToString(CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset now, DateTimeOffset time)
    {
        var day = time.ToString("MMM ", CultureInfo.InvariantCulture) + time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2);
        var recent = time <= now.AddMinutes(1) && (now - time).TotalDays < HalfYearDays;
        return day + (recent ? time.ToString(" HH:mm", CultureInfo.InvariantCulture) : time.ToString("  yyyy", CultureInfo.InvariantCulture));
    }
}

/// <summary>Sizes for people.</summary>
internal static class SizeText
{
    /// <summary>As the coreutils' <c>-h</c>: rounded up, one decimal below ten.</summary>
    public static string Human(long bytes)
    {
        if (bytes < 1024)
            return bytes.ToString(CultureInfo.InvariantCulture);
        double value = bytes;
        foreach (var unit in "KMGT")
        {
            value /= 1024;
            if (value < 1024 || unit == 'T')
                return (value < 10 ? (Math.Ceiling(value * 10) / 10).ToString("0.0", CultureInfo.InvariantCulture) : Math.Ceiling(value).ToString(CultureInfo.InvariantCulture)) + unit;
        }

        return "";
    }
}

/// <summary><c>stat</c>.</summary>
internal sealed class StatProgram() : ImmediateProgram("/usr/bin/stat")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "c|format= printf= L|dereference t|terse");
        if (options.Operands.Count == 0)
            throw Options.Usage(call, "missing operand");
        var code = 0;
        foreach (var operand in options.Operands)
        {
            if (call.Node.Files.Find(call.PathOf(operand), follow: options.Has("L")) is not { } entry)
                code = call.Complain($"stat: cannot statx '{operand}': No such file or directory");
            else if (options.Value("c") is { } format)
                call.Line(Format(operand, entry, format));
            else
                PrintAll(call, operand, entry);
        }

        return code;
    }

    private static string Format(string name, FileEntry entry, string format)
    {
        var text = new StringBuilder();
        for (var index = 0; index < format.Length; index++)
        {
            if (format[index] != '%' || index + 1 == format.Length)
            {
                text.Append(format[index]);
                continue;
            }

            text.Append(format[++index] switch
            {
                'n' => name,
                's' => FileFacts.Size(entry).ToString(CultureInfo.InvariantCulture),
                'a' => FileFacts.Octal(entry),
                'A' => FileFacts.Mode(entry),
                'U' => entry.Owner,
                'G' => entry.Group,
                'u' => FileFacts.UserId(entry.Owner).ToString(CultureInfo.InvariantCulture),
                'g' => FileFacts.UserId(entry.Group).ToString(CultureInfo.InvariantCulture),
                'F' => FileFacts.Kind(entry),
                'i' => entry.Inode.ToString(CultureInfo.InvariantCulture),
                'h' => FileFacts.Links(entry).ToString(CultureInfo.InvariantCulture),
                'Y' or 'X' or 'Z' => entry.ModifiedAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
                'y' or 'x' or 'z' => Time(entry.ModifiedAt),
                '%' => "%",
                _ => "?",
            });
        }

        return text.ToString();
    }

    private static void PrintAll(ProgramCall call, string name, FileEntry entry)
    {
        var target = entry is SymbolicLink link ? " -> " + link.Target : "";
        call.Line($"  File: {name}{target}");
        call.Line($"  Size: {FileFacts.Size(entry),-10}\tBlocks: {(FileFacts.Size(entry) + 4095) / 4096 * 8,-10} IO Block: 4096   {FileFacts.Kind(entry)}");
        call.Line($"Device: 252,0\tInode: {entry.Inode,-10}  Links: {FileFacts.Links(entry)}");
        call.Line($"Access: ({FileFacts.Octal(entry).PadLeft(4, '0')}/{FileFacts.Mode(entry)})  Uid: ({FileFacts.UserId(entry.Owner),5}/{entry.Owner,8})   Gid: ({FileFacts.UserId(entry.Group),5}/{entry.Group,8})");
        foreach (var what in (string[])["Access", "Modify", "Change"])
            call.Line($"{what}: {Time(entry.ModifiedAt)}");
        call.Line($" Birth: {Time(entry.ModifiedAt)}");
    }

    private static string Time(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.fffffff", CultureInfo.InvariantCulture) + "00 +0000";
}

/// <summary><c>tree</c>.</summary>
internal sealed class TreeProgram() : ImmediateProgram("/usr/bin/tree")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "a d L= f n noreport");
        var depth = options.Value("L") is { } level ? int.Parse(level, CultureInfo.InvariantCulture) : int.MaxValue;
        var code = 0;
        var (folders, files) = (0, 0);
        foreach (var operand in options.Operands.Count == 0 ? ["."] : options.Operands)
        {
            if (call.Node.Files.Find(call.PathOf(operand)) is not Folder folder)
            {
                call.Line($"{operand}  [error opening dir]");
                code = 2;
                continue;
            }

            call.Line(operand);

            // A folder that holds nothing is not counted itself.
            if (folder.Entries.Any())
                folders++;
            Walk(folder, "", 1);
        }

        if (!options.Has("noreport"))
            call.Line($"\n{folders} {(folders == 1 ? "directory" : "directories")}{(options.Has("d") ? "" : $", {files} {(files == 1 ? "file" : "files")}")}");
        return code;

        void Walk(Folder folder, string indent, int at)
        {
            if (at > depth)
                return;

            // strcoll of the user's locale ignores case; that of C does not.
            var entries = folder.Entries.Where(entry => (options.Has("a") || entry.Name[0] != '.') && (!options.Has("d") || entry is Folder))
                .OrderBy(entry => entry.Name, call.IsUtf8 ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal).ToArray();
            for (var index = 0; index < entries.Length; index++)
            {
                var last = index == entries.Length - 1;
                var (branch, trunk) = call.IsUtf8 ? (last ? "└── " : "├── ", last ? "    " : "│   ") : (last ? "`-- " : "|-- ", last ? "    " : "|   ");
                var target = entries[index] is SymbolicLink link ? " -> " + link.Target : "";
                call.Line(indent + branch + entries[index].Name + target);
                if (entries[index] is Folder child)
                {
                    folders++;
                    Walk(child, indent + trunk.Replace(' ', call.IsUtf8 && !last ? '\u00a0' : ' ').Replace("│\u00a0\u00a0\u00a0", "│\u00a0\u00a0 ", StringComparison.Ordinal), at + 1);
                }
                else
                {
                    files++;
                }
            }
        }
    }
}

/// <summary><c>find</c> with tests on name, type and depth.</summary>
internal sealed class FindProgram() : ImmediateProgram("/usr/bin/find")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var follow = call.Arguments is ["-L", ..];
        var starts = call.Arguments.Skip(follow ? 1 : 0).TakeWhile(word => !word.StartsWith('-')).ToArray();
        string? format = null;
        string? name = null;
        var type = ' ';
        var (least, most) = (0, int.MaxValue);
        for (var index = starts.Length + (follow ? 1 : 0); index < call.Arguments.Count; index++)
        {
            var word = call.Arguments[index];
            if (word is "-print")
                continue;
            if (word is not ("-name" or "-type" or "-maxdepth" or "-mindepth" or "-printf"))
                throw new ProgramException(1, $"find: unknown predicate `{word}'\n");
            if (++index == call.Arguments.Count)
                throw new ProgramException(1, $"find: missing argument to `{word}'\n");
            var value = call.Arguments[index];
            switch (word)
            {
                case "-name":
                    name = value;
                    break;
                case "-type":
                    type = value[0] == 'f' ? '-' : value[0];
                    break;
                case "-printf":
                    format = value;
                    break;
                case "-maxdepth":
                    most = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                default:
                    least = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
            }
        }

        var code = 0;
        foreach (var start in starts.Length == 0 ? ["."] : starts)
        {
            if (call.Node.Files.Find(call.PathOf(start), follow) is { } entry)
                Walk(start, entry, 0);
            else
                code = call.Complain($"find: '{start}': No such file or directory");
        }

        return code;

        void Walk(string path, FileEntry entry, int depth)
        {
            if (depth >= least && (type == ' ' || entry.TypeLetter == type) && (name is null || System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(name, path.AsSpan(path.LastIndexOf('/') + 1), ignoreCase: false)))
                call.Print(format is null ? path + "\n" : Formatted(format, path, entry));
            if (entry is not Folder folder || depth >= most)
                return;
            foreach (var child in folder.Entries.ToArray())
                Walk($"{path.TrimEnd('/')}/{child.Name}", follow ? call.Node.Files.Find(call.PathOf($"{path.TrimEnd('/')}/{child.Name}")) ?? child : child, depth + 1);
        }
    }

    private static string Formatted(string format, string path, FileEntry entry) => format
        .Replace("\\n", "\n", StringComparison.Ordinal)
        .Replace("%m", FileFacts.Octal(entry), StringComparison.Ordinal)
        .Replace("%s", FileFacts.Size(entry).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("%f", path[(path.LastIndexOf('/') + 1)..], StringComparison.Ordinal)
        .Replace("%p", path, StringComparison.Ordinal);
}

/// <summary><c>test</c> and <c>[</c>.</summary>
internal sealed class TestProgram() : ImmediateProgram("/usr/bin/test", "/usr/bin/[")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var words = call.Arguments.ToList();
        if (call.Name.EndsWith('['))
        {
            if (words.Count == 0 || words[^1] != "]")
                return call.Complain("[: missing ']'", 2);
            words.RemoveAt(words.Count - 1);
        }

        var not = words.Count > 0 && words[0] == "!";
        if (not)
            words.RemoveAt(0);
        return Evaluate(call, words) != not ? 0 : 1;
    }

    private static bool Evaluate(ProgramCall call, List<string> words) => words switch
    {
        [] => false,
        [var word] => word.Length > 0,
        ["-z", var word] => word.Length == 0,
        ["-n", var word] => word.Length > 0,
        ["-h" or "-L", var path] => call.Node.Files.Find(call.PathOf(path), follow: false) is SymbolicLink,
        [['-', var letter], var path] when "defrswx".Contains(letter) => IsTrue(call, letter, call.Node.Files.Find(call.PathOf(path))),
        [var first, "=" or "==", var second] => first == second,
        [var first, "!=", var second] => first != second,
        [var first, ['-', ..] compare, var second] when int.TryParse(first, out var left) && int.TryParse(second, out var right) => compare switch
        {
            "-eq" => left == right,
            "-ne" => left != right,
            "-lt" => left < right,
            "-le" => left <= right,
            "-gt" => left > right,
            "-ge" => left >= right,
            _ => throw new ProgramException(2, $"{call.Name}: '{compare}': binary operator expected\n"),
        },
        [var first, _] => throw new ProgramException(2, $"{call.Name}: '{first}': unary operator expected\n"),
        _ => throw new ProgramException(2, $"{call.Name}: too many arguments\n"),
    };

    private static bool IsTrue(ProgramCall call, char letter, FileEntry? entry) => entry is not null && letter switch
    {
        'd' => entry is Folder,
        'f' => entry is RegularFile,
        's' => FileFacts.Size(entry) > 0,
        'r' => call.User.MayRead(entry),
        'w' => call.User.MayWrite(entry),
        'x' => call.User.MayExecute(entry),
        _ => true,
    };
}

/// <summary><c>readlink</c>, <c>basename</c> and <c>dirname</c>.</summary>
internal sealed class PathProgram() : ImmediateProgram("/usr/bin/readlink", "/usr/bin/basename", "/usr/bin/dirname")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "f|canonicalize e m n z");
        if (options.Operands.Count == 0)
            throw Options.Usage(call, "missing operand");
        var operand = options.Operands[0];
        switch (call.Name[(call.Name.LastIndexOf('/') + 1)..])
        {
            case "basename":
                call.Line(operand.TrimEnd('/')[(operand.TrimEnd('/').LastIndexOf('/') + 1)..]);
                return 0;
            case "dirname":
                call.Line(operand.LastIndexOf('/') switch { < 0 => ".", 0 => "/", var slash => operand[..slash] });
                return 0;
        }

        if (options.Has("f"))
        {
            try
            {
                call.Line(call.Node.Files.Resolve(call.PathOf(operand)));
                return 0;
            }
            catch (KernelException)
            {
                return 1;
            }
        }

        if (call.Node.Files.Find(call.PathOf(operand), follow: false) is not SymbolicLink link)
            return 1;
        call.Line(link.Target);
        return 0;
    }
}
